"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import msgspec
import structlog
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from bookbytes_api.accounts.tokens import NOBODY, PUBLIC
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
    request: Request[Any, Any, Any],
    library: NamedDependency[Library],
    runs: NamedDependency[Runs],
    launcher: NamedDependency[Launcher],
    store: NamedDependency[Store],
) -> Response[Readiness]:
    """Whether this process can do its work: database, Dagster with its code server, and store."""

    def dagster() -> None:
        runs.require_reachable()
        launcher.require_reachable()

    looks: Mapping[str, Callable[[], None]] = {
        "database": library.require_open,
        "dagster": dagster,
        "storage": store.require_reachable,
    }
    threads = request.app.state.setdefault(
        "health_threads", {name: ThreadPoolExecutor(1, f"health-{name}") for name in looks}
    )
    found = await asyncio.gather(*(_checked(threads[name], look) for name, look in looks.items()))
    checks = dict(zip(looks, found, strict=True))
    fine = all(result == "ok" for result in checks.values())
    return Response(Readiness("ok" if fine else "unavailable", checks), status_code=200 if fine else 503)


async def _checked(thread: ThreadPoolExecutor, look: Callable[[], None]) -> str:
    """The outcome of a look in a thread of its own.

    A code server that accepts connections and never answers kept a thread for 40 seconds. Asked every few seconds,
    in the threads that answer requests, health checks would have stopped the API.
    """
    try:
        await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(thread, look), PATIENCE)
    except BookBytesError as error:
        return str(error)
    except TimeoutError:
        return f"There was no answer within {PATIENCE:g} seconds."
    except Exception:  # noqa: BLE001 - who asks is told that something is wrong, whatever it is
        structlog.get_logger().exception("a check failed")
        return "It cannot be asked; the log says why."
    return "ok"


router = Router("/health", route_handlers=[live, ready], tags=["health"], opt={PUBLIC: True}, security=NOBODY)
