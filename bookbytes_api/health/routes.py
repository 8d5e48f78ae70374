"""Whether this process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import msgspec
import structlog
from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from bookbytes_api.accounts.limits import STORE
from bookbytes_api.accounts.shared_attempts import SharedAttempts
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.access import NOBODY, PUBLIC
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.store.store import Store

PATIENCE = 2.0
"""Seconds that each check may take: whoever asks wants to know now."""
_LIMITS = "rate_limits"


class Liveness(msgspec.Struct):
    """This process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct):
    """Whether everything this process needs is there. Each check is `ok`, or says what is wrong.

    `impaired`: attempts to log in cannot be counted, so nobody can log in or sign up; all else goes on. That is no
    reason to send people elsewhere, for all replicas share what counts.
    """

    status: Literal["ok", "impaired", "unavailable"]
    checks: dict[str, str]


@get("/live")
async def live() -> Liveness:
    """Whether this process lives."""
    return Liveness()


@get("/ready", responses={503: ResponseSpec(Readiness, description="Something is missing", generate_examples=False)})
async def ready(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    launcher: NamedDependency[Launcher],
    store: NamedDependency[Store],
) -> Response[Readiness]:
    """Whether this process can do its work: database, Dagster with its code server, store, and shared rate limits."""

    def dagster() -> None:
        runs.require_reachable()
        launcher.require_reachable()

    looks: dict[str, Callable[[], None]] = {
        "database": database.check,
        "dagster": dagster,
        "storage": store.require_reachable,
    }
    threads = request.app.state.setdefault(
        "health_threads", {name: ThreadPoolExecutor(1, f"health-{name}") for name in looks}
    )
    loop = asyncio.get_running_loop()
    answers: dict[str, Awaitable[object]] = {
        name: loop.run_in_executor(threads[name], look) for name, look in looks.items()
    }
    attempts = request.app.stores.get(STORE)
    if isinstance(attempts, SharedAttempts):
        answers[_LIMITS] = attempts.count("health", 1)
    found = await asyncio.gather(*(_checked(answer) for answer in answers.values()))
    return _readiness(dict(zip(answers, found, strict=True)))


def _readiness(checks: dict[str, str]) -> Response[Readiness]:
    wrong = {name for name, result in checks.items() if result != "ok"}
    if wrong - {_LIMITS}:
        return Response(Readiness("unavailable", checks), status_code=503)
    return Response(Readiness("impaired" if wrong else "ok", checks), status_code=200)


async def _checked(answer: Awaitable[object]) -> str:
    """The outcome of a look. One that blocks has a thread of its own.

    A code server that accepts connections and never answers kept a thread for 40 seconds. Asked every few seconds,
    in the threads that answer requests, health checks would have stopped the API.
    """
    try:
        await asyncio.wait_for(answer, PATIENCE)
    except BookBytesError as error:
        return str(error)
    except TimeoutError:
        return f"There was no answer within {PATIENCE:g} seconds."
    except Exception:  # noqa: BLE001 - who asks is told that something is wrong, whatever it is
        structlog.get_logger().exception("a check failed")
        return "It cannot be asked; the log says why."
    return "ok"


router = Router("/health", route_handlers=[live, ready], tags=["health"], opt={PUBLIC: True}, security=NOBODY)
