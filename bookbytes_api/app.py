"""Where the API is put together."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import version

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler
from prometheus_client import CollectorRegistry

from bookbytes_api.accounts import own_account_routes as own_account
from bookbytes_api.accounts import personal_token_routes as personal_tokens
from bookbytes_api.accounts import routes as accounts
from bookbytes_api.accounts import session_routes as login_sessions
from bookbytes_api.accounts.attempts import open_attempts
from bookbytes_api.accounts.guards import current_user, optional_user
from bookbytes_api.accounts.listen_urls import ListenURLs, sign_for_user
from bookbytes_api.accounts.refresh_tokens import RefreshTokens
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.signing_key import signing_secret
from bookbytes_api.accounts.state import AccountState
from bookbytes_api.accounts.tokens import authentication
from bookbytes_api.audiobookshelf import routes as audiobookshelf
from bookbytes_api.books import audio, chapters, corrections, covers, estimate, files, manifest, text, transcripts
from bookbytes_api.books import routes as books
from bookbytes_api.books import search as library_search
from bookbytes_api.catalogue import preview, search
from bookbytes_api.catalogue.catalogue import Catalogue
from bookbytes_api.feeds import routes as feeds
from bookbytes_api.feeds import subscriptions
from bookbytes_api.health import routes as health
from bookbytes_api.health.checks import ReadinessChecks
from bookbytes_api.jobs import events
from bookbytes_api.jobs import routes as jobs
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.jobs.reconciler import Reconciler
from bookbytes_api.listening import bookmark_routes as bookmarks
from bookbytes_api.listening import position_routes as positions
from bookbytes_api.listening import session_routes as listening
from bookbytes_api.metrics.registry import new_registry
from bookbytes_api.metrics.requests import measure
from bookbytes_api.opds import routes as opds
from bookbytes_api.people import routes as people
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.launcher import Launcher
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.voices import routes as voices
from bookbytes_api.web.cors import cors_config
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.log_config import logging_plugin
from bookbytes_api.web.openapi import openapi_config, pages
from bookbytes_api.web.public_address import public_address
from bookbytes_api.web.request_log import LoggedApp
from bookbytes_api.web_app import routes as web_app
from bookbytes_api.web_app.assets import Assets
from bookbytes_api.web_app.page_errors import http_error_or_page
from bookbytes_api.web_app.rendering import template_config
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings, load_settings
from bookbytes_pipeline.store.store import Store, open_store

MAX_WORKER_THREADS = 32
"""Requests that read or write at once. Those that wait for the one writer of SQLite must not stop those that read."""
BACKGROUND_SHUTDOWN_TIMEOUT_S = 10
"""Seconds for background work to end when the server stops."""
MAX_BODY_BYTES = 1024 * 1024
"""Only a book's text may be larger, at its own address."""


@dataclass(frozen=True)
class Services(AccountState):
    """What requests are answered with: `app.state.services`, and for handlers a dependency of each name."""

    database: Database
    store: Store
    catalogue: Catalogue
    tokens: Tokens
    listen_urls: ListenURLs
    runs: RunReader
    launcher: Launcher
    reconciler: Reconciler
    broadcaster: JobBroadcaster
    readiness_checks: ReadinessChecks
    metrics: CollectorRegistry | None


def services_of(app: Litestar) -> Services:
    """Return the services of an application that `create_app` made."""
    services: Services = app.state.services
    return services


def create_app(settings: Settings | None = None) -> Litestar:
    """Return the API and the pages for these settings, or for those of the environment."""
    settings = settings or load_settings()
    settings.require_signing_key()
    database, dagster = Database(settings.library_url), Connection(settings)
    secret = signing_secret(settings)
    listen_urls = ListenURLs(secret)
    auth = authentication(settings, database, secret, listen_urls)
    tokens = Tokens(database, auth, RefreshTokens(secret))
    services, assets = _services(settings, database, dagster, tokens, listen_urls), Assets()
    app = LoggedApp(
        route_handlers=_routers(settings, assets),
        dependencies=_dependencies(services),
        lifespan=[partial(_background_work, services, dagster)],
        state=State({"services": services}),
        exception_handlers={**HANDLERS, HTTPException: http_error_or_page},
        cors_config=cors_config(settings),
        openapi_config=openapi_config(version("bookbytes")),
        plugins=[logging_plugin(settings)],
        on_app_init=[auth.on_app_init],
        request_max_body_size=MAX_BODY_BYTES,
        template_config=template_config(assets),
    )
    if services.metrics is not None:
        measure(app, services.metrics)
    return app


def _routers(settings: Settings, assets: Assets) -> list[ControllerRouterHandler]:
    """All routes: those of version 1 of the API, those of other projects' apps, the documentation, and the pages."""
    of_accounts = (accounts, login_sessions, own_account, personal_tokens, people)
    of_clips = (audio, transcripts, covers, files, manifest)
    of_books = (books, chapters, library_search, text, corrections, *of_clips)
    of_listening = (positions, listening, bookmarks)
    parts = (*of_accounts, jobs, events, *of_books, *of_listening, search, preview, estimate, voices, subscriptions)
    return [
        Router("/api/v1", route_handlers=[part.router for part in parts]),
        feeds.router,
        *opds.routers,
        *audiobookshelf.routers(at_root=settings.abs_api),
        health.router,
        pages(),
        *web_app.routers(assets),
    ]


def _dependencies(services: Services) -> dict[str, Provide]:
    """What handlers have injected by name: each service, and what belongs to the request."""
    return {
        **{field.name: _provide(getattr(services, field.name)) for field in fields(services)},
        "user": Provide(current_user, sync_to_thread=False),
        "optional_user": Provide(optional_user, sync_to_thread=False),
        "public_address": Provide(public_address, sync_to_thread=False),
        "sign_listen_url": Provide(sign_for_user, sync_to_thread=False),
    }


def _services(
    settings: Settings, database: Database, dagster: Connection, tokens: Tokens, listen_urls: ListenURLs
) -> Services:
    runs, launcher = RunReader(dagster), Launcher(dagster, settings.dagster_grpc_port, settings.dagster_grpc_host)
    store, attempts = open_store(settings.store_config), open_attempts(settings)
    return Services(
        settings=settings,
        attempts=attempts,
        database=database,
        store=store,
        catalogue=Catalogue(settings, database),
        tokens=tokens,
        listen_urls=listen_urls,
        runs=runs,
        launcher=launcher,
        reconciler=Reconciler(database, runs, launcher),
        broadcaster=JobBroadcaster(database, runs),
        readiness_checks=ReadinessChecks(settings, database, runs, launcher, store, attempts),
        metrics=None if settings.metrics_port is None else new_registry(database, runs),
    )


@asynccontextmanager
async def _background_work(services: Services, dagster: Connection, _app: Litestar) -> AsyncIterator[None]:
    """Run what goes on beside requests, from the server's start to its end."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(MAX_WORKER_THREADS, "bookbytes"))
    reconciling = asyncio.create_task(services.reconciler.run())
    try:
        async with services.catalogue.running():
            yield
    finally:
        services.broadcaster.close()
        services.reconciler.stop()
        with suppress(TimeoutError):  # what still waits for Dagster then is not worth waiting for
            ended = asyncio.gather(reconciling, services.broadcaster.ended())
            await asyncio.wait_for(ended, BACKGROUND_SHUTDOWN_TIMEOUT_S)
        await services.attempts.close()
        services.launcher.close()
        dagster.close()
        services.database.close()


def _provide(service: object) -> Provide:
    return Provide(lambda: service, sync_to_thread=False)
