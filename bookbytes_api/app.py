"""Where the API is put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import version

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide

from bookbytes_api.accounts import routes as accounts
from bookbytes_api.accounts.guards import current_user, optional_user
from bookbytes_api.accounts.limits import attempt_stores
from bookbytes_api.accounts.tokens import Tokens, authentication
from bookbytes_api.books import audio, text
from bookbytes_api.books import routes as books
from bookbytes_api.health import routes as health
from bookbytes_api.jobs import events
from bookbytes_api.jobs import routes as jobs
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.metrics.registry import new_registry
from bookbytes_api.metrics.requests import measure
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.log_config import logging_plugin
from bookbytes_api.web.openapi import openapi_config, pages
from bookbytes_api.web.request_log import LoggedApp
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.store import Store, open_store

THREADS = 32
"""Requests that read or write at once. Those that wait for the one writer of SQLite must not stop those that read."""
LAST_ROUNDS = 10
"""Seconds for background work to end when the server stops."""
LARGEST_BODY = 1024 * 1024
"""Bytes. Only a book's text may be larger, at its own address."""


@dataclass(frozen=True)
class Parts:
    """What the handlers ask for, each by the name it has here."""

    settings: Settings
    database: Database
    store: Store
    tokens: Tokens
    runs: RunReader
    launcher: Launcher
    reconciler: Reconciler
    broadcaster: JobBroadcaster


def create_app(settings: Settings | None = None) -> Litestar:
    """The API for these settings, or for those of the environment."""
    settings = settings or load_settings()
    settings.require_signing_key()
    database, dagster = Database(settings.library_url), Connection(settings)
    auth = authentication(settings, database)
    runs, launcher = RunReader(dagster), Launcher(dagster, settings.dagster_grpc_port, settings.dagster_grpc_host)
    parts = Parts(
        settings=settings,
        database=database,
        store=open_store(settings.store_config),
        tokens=Tokens(auth),
        runs=runs,
        launcher=launcher,
        reconciler=Reconciler(database, runs, launcher),
        broadcaster=JobBroadcaster(database, runs),
    )
    app = LoggedApp(
        route_handlers=[
            Router("/api/v1", route_handlers=[part.router for part in (accounts, jobs, events, books, text, audio)]),
            health.router,
            pages(),
        ],
        dependencies={
            **{part.name: Provide(_always(getattr(parts, part.name)), sync_to_thread=False) for part in fields(parts)},
            "user": Provide(current_user, sync_to_thread=False),
            "optional_user": Provide(optional_user, sync_to_thread=False),
        },
        lifespan=[partial(_working, parts, dagster)],
        state=State({"broadcaster": parts.broadcaster, "settings": settings}),
        stores=dict(attempt_stores(settings)),
        exception_handlers=HANDLERS,
        openapi_config=openapi_config(version("bookbytes")),
        plugins=[logging_plugin(settings)],
        on_app_init=[auth.on_app_init],
        request_max_body_size=LARGEST_BODY,
    )
    if settings.metrics_port is not None:
        app.state.metrics = new_registry(database, runs)
        measure(app, app.state.metrics)
    return app


@asynccontextmanager
async def _working(parts: Parts, dagster: Connection, _app: Litestar) -> AsyncIterator[None]:
    """The work beside requests, from the server's start to its end."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "bookbytes"))
    reconciling = asyncio.create_task(parts.reconciler.run())
    try:
        yield
    finally:
        parts.broadcaster.close()
        parts.reconciler.stop()
        with suppress(TimeoutError):  # what still waits for Dagster then is not worth waiting for
            await asyncio.wait_for(asyncio.gather(reconciling, parts.broadcaster.ended()), LAST_ROUNDS)
        parts.launcher.close()
        dagster.close()
        parts.database.close()


def _always(part: object) -> Callable[[], object]:
    return lambda: part
