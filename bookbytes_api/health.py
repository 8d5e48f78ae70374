"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import Callable
from typing import Literal

import msgspec
from litestar import Response, Router, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from bookbytes_api.accounts.tokens import PUBLIC
from bookbytes_api.runs.launching import Launcher
from bookbytes_api.runs.reading import Runs
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.library.database import Library
from bookbytes_pipeline.store.store import Store

PATIENCE = 2.0
"""Seconds that each check may take: whoever asks wants to know now."""


class Alive(msgspec.Struct):
    """This process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct):
    """Whether everything this process needs is there. Each check is `ok`, or says what is wrong."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]


@get("/live")
async def live() -> Alive:
    """Whether this process lives."""
    return Alive()


@get("/ready", responses={503: ResponseSpec(Readiness, description="Something is missing", generate_examples=False)})
async def ready(
    library: NamedDependency[Library],
    runs: NamedDependency[Runs],
    launcher: NamedDependency[Launcher],
    store: NamedDependency[Store],
) -> Response[Readiness]:
    """Whether this process can do its work: database, Dagster with its code server, and store."""

    def dagster() -> None:
        runs.require_reachable()
        launcher.require_reachable()

    looks = {"database": library.require_open, "dagster": dagster, "storage": store.require_room}
    found = await asyncio.gather(*(_checked(look) for look in looks.values()))
    checks = dict(zip(looks, found, strict=True))
    fine = all(result == "ok" for result in checks.values())
    return Response(Readiness("ok" if fine else "unavailable", checks), status_code=200 if fine else 503)


async def _checked(look: Callable[[], None]) -> str:
    try:
        await asyncio.wait_for(sync_to_thread(look), PATIENCE)
    except BookBytesError as error:
        return str(error)
    except TimeoutError:
        return f"There was no answer within {PATIENCE:g} seconds."
    return "ok"


router = Router("/health", route_handlers=[live, ready], tags=["health"], opt={PUBLIC: True})
