"""Dagster's storage as in production: on PostgreSQL, with the configuration of the containers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bookbytes_pipeline.settings import Settings
from tests.api.client import offline_settings
from tests.postgres import PostgresServer

_CONFIGURATION = Path(__file__).parents[2] / "docker" / "dagster.yaml"


@contextmanager
def production_records(home: Path, server: PostgresServer) -> Iterator[Settings]:
    """Set the environment of a process whose records are in a new database, and yield its settings."""
    instance = home / "instance"
    instance.mkdir(parents=True)
    (instance / "dagster.yaml").write_text(_CONFIGURATION.read_text())
    with server.database() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {**postgres_environment(url), "S3_BUCKET": "bookbytes", "WORKER_MAX_JOBS": "4"}.items():
            patch.setenv(name, value)
        patch.setenv("DAGSTER_HOME", str(instance))
        yield offline_settings(home)


def postgres_environment(url: str) -> dict[str, str]:
    """Return the variables by which `dagster.yaml` finds the database of this URL."""
    database = make_url(url)
    return {
        "DAGSTER_PG_HOST": str(database.host),
        "DAGSTER_PG_PORT": str(database.port),
        "DAGSTER_PG_USER": str(database.username),
        "DAGSTER_PG_PASSWORD": str(database.password),
        "DAGSTER_PG_DB": str(database.database),
    }
