"""Dagster's instance in production: `docker/dagster.yaml`, a real PostgreSQL and a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from bookbytes_pipeline.constants import LOCATION
from tests.dagster_stack.records import postgres_environment
from tests.docker.composition import DOCKER
from tests.postgres import PostgresServer
from tests.s3 import BUCKET

EMBEDDED = Path(__file__).parents[2] / "dagster.yaml"


@pytest.fixture(scope="module")
def instance(postgres: PostgresServer) -> Iterator[dg.DagsterInstance]:
    """The instance, as every container opens it."""
    with postgres.database() as url, pytest.MonkeyPatch.context() as patch:
        environment = {**postgres_environment(url), "S3_BUCKET": BUCKET, "WORKER_MAX_JOBS": "7"}
        for name, value in environment.items():
            patch.setenv(name, value)
        with dg.DagsterInstance.from_config(str(DOCKER)) as opened:
            yield opened


def test_dagster_uses_psycopg2(instance: dg.DagsterInstance) -> None:
    """With psycopg 3, the default of SQLAlchemy 2.1, Dagster closes connections while it uses them."""
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        assert ("postgresql", "psycopg2") == (connection.dialect.name, connection.dialect.driver)


def test_a_statement_timeout_and_a_pool_can_be_set(instance: dg.DagsterInstance) -> None:
    """The API and the UI set both on every instance; with the other driver it fails."""
    instance.optimize_for_webserver(statement_timeout=1000, pool_recycle=3600, max_overflow=2)

    assert 0 == instance.get_runs_count()


def test_the_number_of_concurrent_books_comes_from_the_environment(instance: dg.DagsterInstance) -> None:
    """There are at most WORKER_MAX_JOBS runs, and one run per book."""
    queue = instance.get_concurrency_config().run_queue_config

    assert queue
    assert 7 == queue.max_concurrent_runs
    assert [{"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}] == list(
        queue.tag_concurrency_limits
    )


def test_no_daemon_for_freshness_policies_is_required(instance: dg.DagsterInstance) -> None:
    """There are no such policies; `bookbytes serve` and the doctor do not wait for a daemon without work."""
    assert not [name for name in instance.get_required_daemon_types() if "FRESHNESS" in name]


def test_production_differs_from_a_laptop_in_storage_only() -> None:
    """Runs, retries and records are configured alike."""
    production, laptop = yaml.safe_load((DOCKER / "dagster.yaml").read_text()), yaml.safe_load(EMBEDDED.read_text())
    limits = production["run_queue"].pop("max_concurrent_runs"), production["run_queue"].pop("tag_concurrency_limits")
    different = {"storage", "compute_logs", "nux"}

    assert {"env": "WORKER_MAX_JOBS"} == limits[0]
    assert laptop.pop("concurrency")["runs"]["tag_concurrency_limits"] == limits[1]
    del laptop["storage"], laptop["code_servers"]  # production has PostgreSQL, and starts its own code server
    laptop["run_queue"]["max_user_code_failure_retries"] = 240  # whose runs wait for an hour while one is replaced
    assert laptop == {name: value for name, value in production.items() if name not in different}


def test_the_code_location_has_the_name_that_every_run_stores() -> None:
    """Otherwise runs could not be matched to their code location."""
    (loaded,) = yaml.safe_load((DOCKER / "workspace.yaml").read_text())["load_from"]

    assert LOCATION == loaded["grpc_server"]["location_name"]
