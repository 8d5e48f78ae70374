"""The checks behind readiness: each part that this process needs, asked within a bounded time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bookbytes_api.accounts.attempts import Attempts
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.bounded_call import BoundedCall
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.errors import BookBytesError
from bookbytes_pipeline.instance.orphaned_runs import CodeServerAddress
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.disk_space import require_free_space
from bookbytes_pipeline.store.store import Store

CHECK_TIMEOUT_S = 2.0
"""Seconds that each check may take: the caller wants to know now."""
MAX_CHECK_AGE_S = 60.0
"""Seconds for which nobody has compared the runs with their processes, before that is reported."""
OK = "ok"
RATE_LIMITS, RUN_MONITOR, DISK = "rate_limits", "run_monitor", "disk"
IMPAIRMENTS = {RATE_LIMITS, RUN_MONITOR, DISK}
"""What restricts this process without making it useless: other replicas would do no better."""


class ReadinessChecks:
    """Checks the parts side by side.

    A check that blocks has a thread of its own. A code server that accepts connections and never answers kept a
    thread for 40 seconds: checked every few seconds in the threads that answer requests, it would have stopped the API.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        runs: RunReader,
        launcher: Launcher,
        store: Store,
        attempts: Attempts,
    ) -> None:
        def check_dagster() -> None:
            runs.require_reachable()
            launcher.require_reachable()

        code_server = CodeServerAddress(settings.dagster_grpc_host, settings.dagster_grpc_port)
        self._functions: dict[str, Callable[[], object]] = {
            "database": database.check,
            "dagster": check_dagster,
            "storage": store.require_reachable,
            RUN_MONITOR: lambda: runs.require_monitored(code_server, MAX_CHECK_AGE_S),
        }
        if folders := settings.local_folders:
            self._functions[DISK] = lambda: require_free_space(folders, settings.min_free_disk_mb)
        self._calls = {name: BoundedCall[object](f"health-{name}", CHECK_TIMEOUT_S) for name in self._functions}
        self._attempts = attempts

    async def run(self) -> Mapping[str, str]:
        """Return `ok` for each part, or what is wrong with it."""
        waiting: dict[str, Awaitable[object]] = {
            name: self._calls[name].wait(function) for name, function in self._functions.items()
        }
        if self._attempts.shared:
            waiting[RATE_LIMITS] = asyncio.wait_for(self._attempts.check(), CHECK_TIMEOUT_S)
        results = await asyncio.gather(*map(_result, waiting.values()))
        return dict(zip(waiting, results, strict=True))


async def _result(check: Awaitable[object]) -> str:
    try:
        await check
    except BookBytesError as error:
        return str(error)
    except TimeoutError:
        return f"There was no answer within {CHECK_TIMEOUT_S:g} seconds."
    except Exception:  # noqa: BLE001 - whatever is wrong with one part, the caller learns that something is
        structlog.get_logger().exception("a check failed")
        return "The check failed; the log says why."
    return OK
