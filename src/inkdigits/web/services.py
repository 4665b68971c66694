"""What routes share, opened from the settings."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from inkdigits.errors import NoStoreError, StoreError
from inkdigits.settings import Settings
from inkdigits.store import NO_STORE, Store, open_store
from inkdigits.web.batching import Batcher
from inkdigits.web.metrics import Metrics
from inkdigits.web.networks import ServedNetworks
from inkdigits.web.queue import WorkQueue

DAY_S = 24 * 60 * 60

_log = logging.getLogger("inkdigits.web")


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a route may need."""

    settings: Settings
    networks: ServedNetworks
    queue: WorkQueue
    batcher: Batcher
    metrics: Metrics
    kept: Store | None
    """Where results are kept; None: they are not."""

    @property
    def store(self) -> Store:
        """Where results are kept.

        Raises:
            NoStoreError: nowhere.
        """
        if self.kept is None:
            raise NoStoreError("This server keeps no results: start it with --store to keep them.")
        return self.kept

    def close(self) -> None:
        """Close what is open."""
        self.batcher.close()
        self.queue.close()
        if self.kept is not None:
            self.kept.close()


def open_services(settings: Settings) -> Services:
    """Open all that the settings describe.

    Raises:
        ModelError: the network cannot be used.
        StoreError: the store cannot be used.
        SettingsError: there can be no such store.
    """
    keeps = settings.store not in (None, NO_STORE) or (settings.store is None and not settings.public)
    return Services(
        settings,
        ServedNetworks(settings),
        WorkQueue(settings.read_threads, settings.max_waiting),
        Batcher(settings.max_waiting),
        Metrics(),
        open_store(settings.store) if keeps else None,
    )


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[None]:
    """Delete what is too old while the application runs; close everything when it ends."""
    services: Services = app.state.services
    task = asyncio.create_task(_retain(services))
    try:
        yield
    finally:
        task.cancel()
        services.close()


async def _retain(services: Services) -> None:
    """Delete results that are older than they may become: now, and every day."""
    while services.kept is not None and services.settings.retention_days:
        oldest = datetime.now(UTC) - timedelta(days=services.settings.retention_days)
        try:
            await asyncio.to_thread(services.kept.delete_before, oldest)
        except StoreError:  # there is nobody to tell but the log, and tomorrow is another day
            _log.exception("retention failed")
        await asyncio.sleep(DAY_S)


def _services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Needed = Annotated[Services, Depends(_services_of)]
"""How a route asks for them."""
