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
    """Set the environment of a process whose records are in a fresh database, and yield its settings."""
    instance = home / "instance"
    instance.mkdir(parents=True)
    (instance / "dagster.yaml").write_text(_CONFIGURATION.read_text())
    with server.database() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(url).items():
            patch.setenv(name, value)
        patch.setenv("DAGSTER_HOME", str(instance))
        yield offline_settings(home)


def _environment(url: str) -> dict[str, str]:
    """Return the variables that the configuration needs. None of these tests uses the bucket."""
    at = make_url(url)
    return {
        "DAGSTER_PG_HOST": str(at.host),
        "DAGSTER_PG_PORT": str(at.port),
        "DAGSTER_PG_USER": str(at.username),
        "DAGSTER_PG_PASSWORD": str(at.password),
        "DAGSTER_PG_DB": str(at.database),
        "S3_BUCKET": "bookbytes",
        "WORKER_MAX_JOBS": "4",
    }
