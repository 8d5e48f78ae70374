"""What `bookbytes serve` starts, and with which commands."""

from pathlib import Path

import pytest

from bookbytes_pipeline.processes.code_server_command import code_server_command
from bookbytes_pipeline.processes.serve.services import ServiceSpec, services
from bookbytes_pipeline.settings import load_settings


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ServiceSpec]:
    """The services of a home, in order."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    ports = {"dagster_grpc_port": 4001, "dagster_ui_port": 3001}
    return services(load_settings(_env_file=None, bookbytes_home=tmp_path, **ports))


def test_the_daemon_depends_on_the_code_server(specs: list[ServiceSpec]) -> None:
    """Without a code server the daemon would give up failed runs permanently. The API has the longest stop timeout."""
    expected = [
        ("code-server", None, 5),
        ("dagster-daemon", "code-server", 5),
        ("dagster-ui", None, 5),
        ("api", None, 20),
    ]

    assert expected == [(spec.name, spec.depends_on, spec.stop_timeout_s) for spec in specs]


def test_dagster_listens_on_this_machine_only(specs: list[ServiceSpec]) -> None:
    """The code server and the UI have no passwords; both listen on loopback, at the ports of the settings."""
    by_name = {spec.name: " ".join(spec.command) for spec in specs}

    assert by_name["code-server"].endswith("-h 127.0.0.1 -p 4001")
    assert "-h 127.0.0.1 -p 3001" in by_name["dagster-ui"]


def test_all_services_share_one_dagster_and_one_code_server(specs: list[ServiceSpec], tmp_path: Path) -> None:
    """They have the home's Dagster instance, and the workspace names the code server that is started here."""
    homes = {(spec.env["DAGSTER_HOME"], spec.env["DAGSTER_GRPC_HOST"]) for spec in specs}
    workspace = (tmp_path / "dagster" / "workspace.yaml").read_text()

    assert {(str(tmp_path / "dagster"), "127.0.0.1")} == homes
    assert "{host: 127.0.0.1, port: 4001, location_name: bookbytes_pipeline.definitions}" in workspace


def test_the_code_server_has_one_process_and_logs_as_asked() -> None:
    """`dagster api grpc`, which serves the code itself, with JSON logs where those are wanted."""
    _, _, program, *arguments = code_server_command("::", 4266, logs_as_json=True)

    assert "bookbytes_pipeline.processes.grpc_server" == program
    code = "-m bookbytes_pipeline.definitions --location-name bookbytes_pipeline.definitions"
    assert f"api grpc {code} -h [::] -p 4266 --log-format json" == " ".join(arguments)
    assert "--log-format" not in code_server_command("::", 4266)
