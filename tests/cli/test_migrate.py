"""`bookbytes migrate`, as the container of that name runs it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_runner import COMMANDS, bookbytes, in_process, offline
from tests.dagster_stack.dagster import storage_at
from tests.postgres import PostgresServer

UP_TO_DATE = re.compile(
    r"The library at postgresql\+psycopg://postgres:\*\*\*@\S+: up to date, version \d+\.\n"
    r"Dagster's records: up to date, version \w+\.\n"
)


@pytest.fixture
def env(tmp_path: Path, postgres: PostgresServer) -> Iterator[dict[str, str]]:
    """The environment of two databases without tables."""
    with postgres.database() as database, postgres.database() as records:
        yield on_postgresql(tmp_path, database, records)


def on_postgresql(folder: Path, database: str, records: str) -> dict[str, str]:
    """The environment of a machine whose library and Dagster storage are in these databases."""
    home = folder / "records"
    home.mkdir()
    (home / "dagster.yaml").write_text(f"telemetry: {{enabled: false}}\n{storage_at(records)}")
    return offline(folder / "home", DATABASE_URL=database, DAGSTER_HOME=str(home))


def test_two_at_once_create_the_tables_and_a_third_finds_them(env: dict[str, str], tmp_path: Path) -> None:
    """They may run on two machines: only the databases are shared. Each prints what it did, in two lines."""
    both = [
        subprocess.Popen(
            [COMMANDS / "bookbytes", "migrate"],
            env=env | {"BOOKBYTES_HOME": str(tmp_path / machine)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for machine in ("first", "second")
    ]
    outputs = (process.communicate(timeout=180)[0] for process in both)
    first, second = sorted(outputs, key=lambda output: "created" not in output)
    third = in_process("migrate", env=env)

    assert ([0, 0], 0) == ([process.returncode for process in both], third.returncode), first + second + third.stderr
    assert ": tables created, version " in first.splitlines()[0]
    assert UP_TO_DATE.fullmatch(second)
    assert UP_TO_DATE.fullmatch(third.stdout)


def test_a_database_is_not_shared_with_dagster(tmp_path: Path, postgres: PostgresServer) -> None:
    """Both keep their version in a table of the same name. One sentence says so, and no partial migration is left."""
    with postgres.database() as both:
        run = bookbytes("migrate", env=on_postgresql(tmp_path, both, both))

    assert (1, 1) == (run.returncode, len(run.stderr.splitlines()))
    assert "that the database it names is running and used by Dagster only" in run.stderr


def test_the_embedded_databases_are_migrated_too(tmp_path: Path) -> None:
    """They are also migrated when they are opened; doing it here does no harm."""
    run = bookbytes("migrate", env=offline(tmp_path))

    assert (0, 2, "") == (run.returncode, len(run.stdout.splitlines()), run.stderr)
    assert (tmp_path / "library.db").exists()
