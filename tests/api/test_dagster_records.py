"""Dagster's instance storage on PostgreSQL as the API reaches it: by connections that are kept, and that break."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy import QueuePool, text

from bookbytes_api.errors import DagsterUnavailable
from bookbytes_api.runs.connection import Connection
from bookbytes_api.runs.reader import RunReader, query
from bookbytes_pipeline.instance.embedded import open_instance
from bookbytes_pipeline.settings import Settings, load_settings
from tests.dagster_stack.records import production_records
from tests.postgres import PostgresServer

MACHINES = 4


@pytest.fixture
def settings(tmp_path: Path, postgres: PostgresServer) -> Iterator[Settings]:
    """An API whose Dagster has a database without tables, and its compute logs in a bucket."""
    with production_records(tmp_path, postgres) as settings:
        yield settings


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    """The API's connection to it."""
    with closing(Connection(settings)) as opened:
        yield opened


def test_connections_are_kept_and_bounded(connection: Connection) -> None:
    """Of runs, events and schedules, by the driver that Dagster supports; no query takes longer than 15 s."""
    instance: Any = connection.instance
    storages = (
        instance.run_storage.connect,
        instance.event_log_storage.index_connection,
        instance.schedule_storage.connect,
    )

    for connect in storages:
        with connect() as opened:
            pool = opened.engine.pool
            assert ("psycopg2", "15s") == (opened.dialect.driver, opened.scalar(text("SHOW statement_timeout")))
            assert isinstance(pool, QueuePool)
            assert (1, 10) == (pool.size(), pool._max_overflow)  # noqa: SLF001 - no public attribute holds it
    assert [1, 1, 1] == [_kept(connect) for connect in storages]


def test_a_restart_of_the_database_goes_unnoticed(connection: Connection, postgres: PostgresServer) -> None:
    """The first queries afterwards succeed, although the connections that were kept are closed."""
    runs = RunReader(connection)
    runs.require_reachable()
    runs.events("nobody's run")
    postgres.stop()
    postgres.start()

    runs.require_reachable()
    events, _ = runs.events("nobody's run")

    assert events == []


def test_a_database_that_stays_unavailable_is_reported() -> None:
    """Dagster raises an error of its own when it has tried to connect for long enough."""

    def run_query() -> None:
        raise DagsterPostgresException("too many retries for DB connection")

    with pytest.raises(DagsterUnavailable):
        query(run_query)


def test_several_machines_may_open_an_empty_storage_at_once(settings: Settings) -> None:
    """Each has locks of its own. All of them find every table, and no row exists twice."""
    starting = multiprocessing.get_context("forkserver")
    starting.set_forkserver_preload(
        ["bookbytes_pipeline.instance.embedded", "bookbytes_pipeline.settings", "dagster_postgres"]
    )
    homes = [settings.bookbytes_home / f"machine {number}" for number in range(MACHINES)]
    environment = {name: value for name, value in os.environ.items() if name.startswith(("DAGSTER_", "S3_", "WORKER_"))}

    with ProcessPoolExecutor(MACHINES, starting, _meet, (starting.Barrier(MACHINES), environment)) as machines:
        counts = list(machines.map(_runs, homes))

    assert [0] * MACHINES == counts
    with open_instance(settings) as instance, cast("Any", instance.run_storage).connect() as opened:
        assert 1 == opened.scalar(text("SELECT count(*) FROM alembic_version"))


def _kept(connect: Any) -> int:
    with connect() as opened:
        pool = opened.engine.pool
    return int(pool.checkedin())


def _meet(barrier: Any, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    barrier.wait(60)


def _runs(home: Path) -> int:
    with open_instance(load_settings(_env_file=None, bookbytes_home=home)) as instance:
        return instance.get_runs_count()
