"""`.ci/secrets.sh`: what looks like a key is not committed to git."""

import shutil
import subprocess
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
RANDOM = sha256(b"the same in every run: one key in 300 looks like words").digest()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository with this project's check."""
    shutil.copytree(PROJECT / ".ci", tmp_path / ".ci")
    (tmp_path / ".venv").symlink_to(PROJECT / ".venv")
    (tmp_path / ".gitignore").write_text(".venv\nignored\n")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def scanned(repository: Path) -> subprocess.CompletedProcess[str]:
    """Run the check."""
    return subprocess.run(
        ["bash", repository / ".ci" / "secrets.sh"], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    "line",
    [
        f"JWT_SECRET_KEY={RANDOM.hex()}",
        f"DATABASE_URL=postgresql+psycopg://bookbytes:{urlsafe_b64encode(RANDOM[:24]).decode()}@db.internal/bookbytes",
        f'key = "sk-proj-{RANDOM.hex():a<74}T3BlbkFJ{RANDOM.hex():b<74}"',
    ],
    ids=["signing key", "database", "model"],
)
def test_a_key_in_a_new_file_fails_and_is_not_printed(repository: Path, line: str) -> None:
    """The file need not have been committed."""
    (repository / "notes.txt").write_text(f"{line}\n")
    outcome = scanned(repository)

    assert 1 == outcome.returncode
    assert "notes.txt" in outcome.stdout
    assert line not in outcome.stdout


def test_files_that_git_ignores_are_not_scanned(repository: Path) -> None:
    """`.env` and secret.yaml are meant to hold keys."""
    (repository / "ignored").write_text(f"JWT_SECRET_KEY={RANDOM.hex()}\n")

    assert 0 == scanned(repository).returncode
