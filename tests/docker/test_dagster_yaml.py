"""Dagster's instance in production: `docker/dagster.yaml`, a real PostgreSQL and a real S3 server."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import pytest
import yaml

from bookbytes_pipeline.constants import LOCATION
from tests.docker.composition import DOCKER
from tests.postgres import PASSWORD, PostgresServer
from tests.s3 import BUCKET

EMBEDDED = Path(__file__).parents[2] / "dagster.yaml"


@pytest.fixture(scope="module")
def instance(postgres: PostgresServer) -> Iterator[dg.DagsterInstance]:
    """The instance, as every container opens it."""
    with postgres.database() as url, pytest.MonkeyPatch.context() as patch:
        given = {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(postgres.port),
            "DAGSTER_PG_USER": "postgres",
            "DAGSTER_PG_PASSWORD": PASSWORD,
            "DAGSTER_PG_DB": urlsplit(url).path.removeprefix("/"),
            "S3_BUCKET": BUCKET,
            "WORKER_MAX_JOBS": "7",
        }
        for name, value in given.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_config(str(DOCKER)) as opened:
            yield opened


def test_the_records_are_kept_through_psycopg2(instance: dg.DagsterInstance) -> None:
    """With psycopg 3, which SQLAlchemy 2.1 takes unless told, Dagster closes connections while it uses them."""
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        assert ("postgresql", "psycopg2") == (connection.dialect.name, connection.dialect.driver)


def test_a_statement_timeout_and_a_pool_can_be_set(instance: dg.DagsterInstance) -> None:
    """What the API and the UI do to every instance, and what breaks with the other driver."""
    instance.optimize_for_webserver(statement_timeout=1000, pool_recycle=3600, max_overflow=2)

    assert 0 == instance.get_runs_count()


def test_books_at_once_come_from_the_environment(instance: dg.DagsterInstance) -> None:
    """WORKER_MAX_JOBS of them, and one run of a book."""
    queue = instance.get_concurrency_config().run_queue_config

    assert queue
    assert 7 == queue.max_concurrent_runs
    assert [{"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}] == list(
        queue.tag_concurrency_limits
    )


def test_no_daemon_looks_for_freshness_policies(instance: dg.DagsterInstance) -> None:
    """There are none; `bookbytes serve` and the doctor wait for no daemon that would have nothing to do."""
    assert not [name for name in instance.get_required_daemon_types() if "FRESHNESS" in name]


def test_production_differs_from_a_laptop_in_storage_only() -> None:
    """What is true of runs, their retries and their records here is true there."""
    production, laptop = yaml.safe_load((DOCKER / "dagster.yaml").read_text()), yaml.safe_load(EMBEDDED.read_text())
    limits = production["run_queue"].pop("max_concurrent_runs"), production["run_queue"].pop("tag_concurrency_limits")
    elsewhere = {"storage", "compute_logs", "nux"}

    assert {"env": "WORKER_MAX_JOBS"} == limits[0]
    assert laptop.pop("concurrency")["runs"]["tag_concurrency_limits"] == limits[1]
    del laptop["code_servers"]  # production starts its own
    laptop["run_queue"]["max_user_code_failure_retries"] = 240  # whose runs wait for an hour while one is replaced
    assert laptop == {name: given for name, given in production.items() if name not in elsewhere}


def test_the_code_has_the_name_that_every_run_remembers() -> None:
    """Else runs could not be told to which code they belong."""
    (loaded,) = yaml.safe_load((DOCKER / "workspace.yaml").read_text())["load_from"]

    assert LOCATION == loaded["grpc_server"]["location_name"]
