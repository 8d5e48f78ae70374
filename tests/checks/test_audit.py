"""`.ci/audit.sh`: known vulnerabilities fail a check, a service that is down fails a release only."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.checks.osv import ID, osv
from tests.free_ports import lasting_port

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.sh"


def audited(service: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the audit with this service."""
    return subprocess.run(
        ["bash", AUDIT, "--service-url", service],
        env={**os.environ, "NO_PROXY": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_packages_without_known_vulnerabilities_pass() -> None:
    """The whole lock file was checked."""
    with osv() as service:
        outcome = audited(service)

    assert 0 == outcome.returncode, outcome.stderr
    assert "Found no known vulnerabilities" in outcome.stderr


def test_a_known_vulnerability_fails() -> None:
    """The output names the package and the vulnerability."""
    with osv(vulnerable="lxml") as service:
        outcome = audited(service)

    assert 1 == outcome.returncode
    assert "lxml" in outcome.stdout
    assert ID in outcome.stdout


@pytest.mark.parametrize(("audit", "code"), [("", 0), ("required", 1)])
def test_a_service_that_is_down_is_ignored_except_for_a_release(audit: str, code: int) -> None:
    """It is reported in one line."""
    outcome = audited(f"http://127.0.0.1:{lasting_port()}/", AUDIT=audit)

    assert code == outcome.returncode
    assert 1 == len(outcome.stderr.splitlines())
    assert "the service does not answer" in outcome.stderr
