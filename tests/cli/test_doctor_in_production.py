"""`bookbytes doctor` where services on several machines process the books."""

from pathlib import Path

from tests.cli_runner import in_process, offline
from tests.dagster_stack.dagster import storage_at
from tests.postgres import PostgresServer

NOTHING_LISTENS = "127.0.0.1:9"
"""An address at which nothing listens."""


def test_everything_that_is_missing_is_named_with_a_remedy(tmp_path: Path, postgres: PostgresServer) -> None:
    """Each service has a line of its own; secrets stay hidden; what works is listed as well."""
    with postgres.database() as database:
        env = offline(
            tmp_path / "home",
            APP_ENV="production",
            DATABASE_URL=database,
            DAGSTER_HOME=str(_dagster_home(tmp_path, f"postgresql+psycopg://user:s3cret@{NOTHING_LISTENS}/records")),
            DAGSTER_GRPC_PORT="9",
            VALKEY_URL=f"valkey://:s3cret@{NOTHING_LISTENS}",
        )
        run = in_process("doctor", "--api", env=env)

    lines = dict(line.removeprefix("WRONG ").split(": ", 1) for line in run.stdout.splitlines() if line[:5] == "WRONG")
    assert (1, "s3cret" in run.stdout + run.stderr) == (run.returncode, False)
    assert "set JWT_SECRET_KEY" in lines["settings"]
    assert "run `bookbytes migrate`" in lines["library"]
    assert "Connection refused. Check dagster.yaml in DAGSTER_HOME" in lines["dagster"]
    assert "Start it with `bookbytes code-server`" in lines["code server"]
    assert "check VALKEY_URL" in lines["valkey"]
    assert {"settings", "library", "dagster", "code server", "daemon", "valkey"} == set(lines)


def test_a_daemon_without_a_heartbeat_is_reported(tmp_path: Path, postgres: PostgresServer) -> None:
    """Without a daemon no run would leave the queue. The API's signing key is only required with --api."""
    with postgres.database(postgres.migrated) as database, postgres.database() as records:
        home = str(_dagster_home(tmp_path, records))
        env = offline(tmp_path / "home", APP_ENV="production", DATABASE_URL=database, DAGSTER_HOME=home)
        run = in_process("doctor", env=env | {"DAGSTER_GRPC_PORT": "9"})

    wrong = [line for line in run.stdout.splitlines() if line.startswith("WRONG")]
    assert ["WRONG code server", "WRONG daemon"] == [line.partition(":")[0] for line in wrong]
    assert "never sent a heartbeat" in wrong[1]
    assert "ok    dagster: Dagster's PostgreSQL database; partitions: 0" in run.stdout


def _dagster_home(folder: Path, url: str) -> Path:
    home = folder / "records"
    home.mkdir()
    (home / "dagster.yaml").write_text(f"telemetry: {{enabled: false}}\n{storage_at(url)}")
    return home
