"""Whether this process is alive, and whether it can do its work."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from litestar import HttpMethod, Response, Router, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Method

from bookbytes_api.health.checks import IMPAIRMENTS, OK, ReadinessChecks
from bookbytes_api.web.access import NO_AUTH, NO_AUTH_SECURITY


class Liveness(msgspec.Struct):
    """The process answers requests."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct):
    """Whether every dependency is available. Each check is `ok`, or a sentence that says what is wrong.

    `impaired`: what there is can be heard, but login attempts cannot be counted, so that nobody can log in or register;
    or runs are not monitored; or the disk is almost full. Do not send traffic elsewhere for it: other replicas do no
    better.
    """

    status: Literal["ok", "impaired", "unavailable"]
    checks: Mapping[str, str]


_METHODS = (HttpMethod.GET, HttpMethod.HEAD)
"""Some monitors only send HEAD."""


def _operation_id(handler: HTTPRouteHandler, method: Method, _path: object) -> str:
    """Return the id for each of the two methods: every id is unique in the OpenAPI document."""
    return handler.handler_name.replace("get", method.lower(), 1)


@route("/live", http_method=_METHODS, operation_id=_operation_id)
async def get_liveness() -> Liveness:
    """Check that the process is alive."""
    return Liveness()


@route(
    "/ready",
    http_method=_METHODS,
    operation_id=_operation_id,
    responses={503: ResponseSpec(Readiness, description="A dependency is unavailable", generate_examples=False)},
)
async def get_readiness(readiness_checks: NamedDependency[ReadinessChecks]) -> Response[Readiness]:
    """Check the database, Dagster and its code server, the store, the monitor of runs, the disk, and rate limits."""
    checks = await readiness_checks.run()
    failed = {name for name, result in checks.items() if result != OK}
    if failed - IMPAIRMENTS:
        return Response(Readiness("unavailable", checks), status_code=503)
    return Response(Readiness("impaired" if failed else "ok", checks), status_code=200)


router = Router(
    "/health",
    route_handlers=[get_liveness, get_readiness],
    tags=["health"],
    opt={NO_AUTH: True},
    security=NO_AUTH_SECURITY,
)
