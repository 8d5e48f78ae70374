"""How many requests are answered, and how long it takes until an answer begins."""

import time

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

UNMATCHED = "unmatched"
"""The path of all requests that no route matches: anybody can make up paths."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def measure(app: Litestar, registry: CollectorRegistry) -> None:
    """Measure every request to this application from now on, also those that no route matches."""
    app.asgi_handler = RequestMetrics(registry).wrap(app.asgi_handler)


class RequestMetrics:
    """Requests and their durations, in families of this registry.

    A request counts, and its time ends, when its answer begins: a download lasts as long as the client is slow, and an
    event stream as long as a book takes. A client that leaves before that does not count.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered = Counter(
            "bookbytes_http_requests",
            "Requests that were answered.",
            ("method", "path", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "bookbytes_http_request_duration_seconds",
            "Seconds from a request's head to its answer's head; an upload counts, a download does not.",
            ("method", "path"),
            buckets=_BOUNDS_S,
            registry=registry,
        )

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Return the same application, measured."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            started = time.perf_counter()

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._count(scope, message["status"], time.perf_counter() - started)
                await send(message)

            await app(scope, receive, answer)

        return measured

    def _count(self, scope: HTTPScope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        path = scope.get("path_template") or UNMATCHED
        self._answered.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)
