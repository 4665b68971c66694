"""Counters for Prometheus, and a line in the log for each request: neither holds what pictures show or are called."""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import Scope

BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""From a classified patch to a page that takes as long as it may."""

METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
"""Others are counted together: who asks shall not fill the memory with counters."""

_log = logging.getLogger("inkdigits.web")


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        labels = ("method", "route", "status")
        self._requests = Counter("inkdigits_requests", "Requests.", labels, registry=self._registry)
        self._seconds = Histogram(
            "inkdigits_request_seconds", "How long they took.", ("route",), buckets=BUCKETS_S, registry=self._registry
        )
        self._working = Gauge("inkdigits_working", "Readings that wait or run.", registry=self._registry)
        self._calls = Gauge("inkdigits_batches", "Network calls for /classify so far.", registry=self._registry)
        self._patches = Gauge("inkdigits_batched_patches", "Patches in them.", registry=self._registry)

    def note(self, scope: Scope, status: int, n_bytes: int, seconds: float) -> None:
        """Count a request, and write it down.

        Args:
            scope: of the request.
            status: of the answer; 0: none was begun.
            n_bytes: of the answer.
            seconds: until it was sent.
        """
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)
        facts = {"method": method, "route": route, "status": status, "n_bytes": n_bytes}
        _log.info("request", extra={"facts": {**facts, "ms": round(1000 * seconds, 1)}})

    def to_text(self, n_working: int, n_calls: int, n_patches: int) -> bytes:
        """Return all of it in Prometheus' text format."""
        self._working.set(n_working)
        self._calls.set(n_calls)
        self._patches.set(n_patches)
        return generate_latest(self._registry)
