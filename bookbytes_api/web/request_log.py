"""Every request gets an id and a line in the log, also one that no route answers."""

import re
import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import structlog
from litestar import HttpMethod, Litestar
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import HTTPScope, Message, Receive, Send

from bookbytes_api.web.request_body import RequestBody

HEADER = "X-Request-ID"
PROBED = "/health/"
"""Asked every few seconds by whoever keeps this process running; nobody wants to read that."""
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(scope: Any) -> str:
    """The id of this request: the client's, if it is harmless, else a new one."""
    state = scope["state"]
    if "request_id" not in state:
        given = Headers.from_scope(scope).get(HEADER, "")
        state["request_id"] = given if _ACCEPTED.fullmatch(given) else uuid4().hex
    return str(state["request_id"])


class LoggedApp(Litestar):
    """A Litestar application that logs and reads every request; middleware only sees those that a route answers."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: D102 - ASGI
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope.setdefault("state", {})
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id(scope))
        body = RequestBody(scope, receive, send)
        await self._logged(scope, body.receive, body.send)

    async def _logged(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        log = structlog.get_logger()
        asked = {"method": scope["method"], "path": quote(scope["path"])}  # no query: people put secrets there
        began = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders(message)
                headers[HEADER] = request_id(scope)
                if scope["method"] == HttpMethod.OPTIONS and "Allow" in headers:
                    headers["Allow"] = ", ".join(self._methods(scope["path_template"]))
            await send(message)

        log.debug("request started", **asked)
        try:
            await super().__call__(scope, receive, answer)
        finally:
            tell = log.debug if scope["path"].startswith(PROBED) else log.info
            tell("request ended", **asked, status=status, seconds=round(time.perf_counter() - began, 4))

    def _methods(self, path_template: str) -> list[str]:
        """The methods of a path; Litestar's own answer names those of the handler that was registered there first."""
        return sorted(
            {method for route in self.routes if route.path_format == path_template for method in route.methods}
        )
