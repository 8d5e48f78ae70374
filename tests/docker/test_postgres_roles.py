"""The databases and roles that `docker/postgres-roles.sh` creates in a new PostgreSQL."""

import os
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from tests.docker.composition import DOCKER
from tests.postgres import PASSWORD, PostgresServer

ROLES = {"bookbytes": "of'the\"library", "dagster": "of$dagster\\"}


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server after the script, run as PostgreSQL's image does."""
    env = {
        "PATH": f"{postgres.programs}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres.port),
        "PGPASSWORD": PASSWORD,
        "BOOKBYTES_PG_PASSWORD": ROLES["bookbytes"],
        "DAGSTER_PG_PASSWORD": ROLES["dagster"],
    }
    subprocess.run(["bash", DOCKER / "postgres-roles.sh"], env=env, check=True)
    yield postgres
    with psycopg.connect(_conninfo(postgres, "postgres", "postgres", PASSWORD), autocommit=True) as connection:
        for name in ROLES:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            connection.execute(f"DROP ROLE {name}".encode())
        connection.execute("GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_owns_its_database(server: PostgresServer, role: str) -> None:
    """It can create tables there, and has no further rights."""
    with psycopg.connect(_conninfo(server, role, role, ROLES[role])) as connection:
        connection.execute("CREATE TABLE made (id integer)")
        rights = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert (False, False, False) == rights


@pytest.mark.parametrize(
    ("role", "database"), [("bookbytes", "dagster"), ("dagster", "bookbytes"), ("bookbytes", "postgres")]
)
def test_a_role_sees_no_other_database(server: PostgresServer, role: str, database: str) -> None:
    """The password of one role gives no access to the database of the other."""
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(_conninfo(server, database, role, ROLES[role]))


def _conninfo(server: PostgresServer, database: str, role: str, password: str) -> str:
    return psycopg.conninfo.make_conninfo(
        host="127.0.0.1", port=server.port, dbname=database, user=role, password=password, connect_timeout=10
    )
