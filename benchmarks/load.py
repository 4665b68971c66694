"""How the web application holds under load: many clients at once, for a while, on a server of its own.

Each client sends a drawn digit to /api/v1/read, waits for the answer, and sends the next; with `--rate` all of them
together send so many a second. Printed are the times of the answers, how many had which status, and the memory.
"""

import argparse
import asyncio
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import PIL.Image
import PIL.ImageDraw

MAX_REQUESTS = 1_000_000
"""The end of a run, however long it may last."""

MEMORY = "process_resident_memory_bytes"
"""What /metrics calls the server's memory."""


@dataclass(slots=True)
class Outcome:
    """What came of the requests."""

    times_ms: list[float] = field(default_factory=list)
    """Of answers with 200."""
    statuses: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    """At the beginning, at the half, and at the end."""

    def to_fields(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        quantiles = np.percentile(self.times_ms or [np.nan], [50, 95, 99]).round(1).tolist()
        return {
            "n": self.statuses.total(),
            "p50_ms": quantiles[0],
            "p95_ms": quantiles[1],
            "p99_ms": quantiles[2],
            "statuses": dict(sorted(self.statuses.items())),
            "memory_mb": self.memory_mb,
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Load a server and print how it held."""
    options = _parse(arguments)
    with serve(options.serve) as address:
        outcome = asyncio.run(load(address, options.clients, options.seconds, options.rate, options.requests))
    facts = {"clients": options.clients, "seconds": options.seconds, "rate": options.rate}
    print(json.dumps({**facts, **outcome.to_fields()}, indent=2))


async def load(
    address: str, n_clients: int, seconds: float, rate: float | None = None, max_requests: int = MAX_REQUESTS
) -> Outcome:
    """Send requests until the time is over, or there were enough of them."""
    outcome, picture = Outcome(), _draw()
    began = time.perf_counter()
    numbers = iter(range(max_requests))
    limits = httpx.Limits(max_connections=n_clients, max_keepalive_connections=n_clients)

    async def ask_on(client: httpx.AsyncClient) -> None:
        for number in numbers:
            if rate:
                await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            if time.perf_counter() - began > seconds:
                return
            await _ask(client, picture, outcome)

    async def watch(client: httpx.AsyncClient) -> None:
        for part in (0, seconds / 2):
            await asyncio.sleep(part)
            outcome.memory_mb.append(await _memory_mb(client))

    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60, trust_env=False) as client:
        await _ask(client, picture, Outcome())  # networks warm up
        watching = asyncio.create_task(watch(client))
        await asyncio.gather(*(ask_on(client) for _ in range(n_clients)))
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        outcome.memory_mb.append(await _memory_mb(client))
    return outcome


async def _ask(client: httpx.AsyncClient, picture: bytes, outcome: Outcome) -> None:
    began = time.perf_counter()
    try:
        answer = await client.post("/api/v1/read", files={"file": ("canvas.png", picture)})
    except httpx.HTTPError as error:
        outcome.statuses[type(error).__name__] += 1
        return
    outcome.statuses[str(answer.status_code)] += 1
    if answer.status_code == 200:
        outcome.times_ms.append(1000 * (time.perf_counter() - began))
    else:
        await asyncio.sleep(float(answer.headers.get("retry-after", 0)))


async def _memory_mb(client: httpx.AsyncClient) -> float:
    """Ask how much memory the server has; NaN where its system does not say."""
    lines = (await client.get("/metrics")).text.splitlines()
    return next((round(float(line.split()[1]) / 1e6, 1) for line in lines if line.startswith(MEMORY)), float("nan"))


def _draw() -> bytes:
    """Draw a seven on a canvas of 300x300 pixels, as pads have it."""
    canvas = PIL.Image.new("L", (300, 300), "white")
    PIL.ImageDraw.Draw(canvas).line([(90, 70), (210, 70), (130, 240)], fill="black", width=18, joint="curve")
    file = io.BytesIO()
    canvas.save(file, "png")
    return file.getvalue()


@contextmanager
def serve(arguments: Sequence[str]) -> Iterator[str]:
    """Start a server of our own, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{Path(folder) / 'results.sqlite'}"
        command = [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--store", store, *arguments]
        with open(os.devnull, "w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
            assert process.stdout
            try:
                yield process.stdout.readline().decode().rpartition(" ")[2].strip().rstrip("/")
            finally:
                process.terminate()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=200, help="who ask at the same time")
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--rate", type=float, help="requests a second; as many as there are answers without it")
    parser.add_argument("--requests", type=int, default=MAX_REQUESTS, help="at most so many")
    parser.add_argument("serve", nargs="*", help="further arguments of inkdigits serve, behind --")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
