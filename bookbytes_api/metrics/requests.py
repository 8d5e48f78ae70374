"""How many requests are answered, and how long people wait until an answer begins."""

import time

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

UNMATCHED = "unmatched"
"""The path of whatever no route takes: anybody may make paths up."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""


def measure(app: Litestar, registry: CollectorRegistry) -> None:
    """Measure every request to this application, also those that no route takes, from now on."""
    app.asgi_handler = Requests(registry).measured(app.asgi_handler)


class Requests:
    """What was asked and answered, in families of this registry.

    A request counts, and its time ends, when its answer begins: a download lasts as long as the listener's line is
    slow, and an event stream as long as a book takes. Whoever leaves before that does not count.
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
            buckets=_BOUNDS,
            registry=registry,
        )

    def measured(self, app: ASGIApp) -> ASGIApp:
        """The same application, measured."""

        async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began = time.perf_counter()

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._note(scope, message["status"], time.perf_counter() - began)
                await send(message)

            await app(scope, receive, answer)

        return measuring

    def _note(self, scope: HTTPScope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        path = scope.get("path_template") or UNMATCHED
        self._answered.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)
