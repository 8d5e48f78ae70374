"""The API in process, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import Api, offline_settings, serving_api


@pytest.fixture(autouse=True)
def _own_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


@pytest.fixture
def api(tmp_path: Path, database_url: str) -> Iterator[Api]:
    """The API of an empty library; nothing makes books, so that jobs stay as they are."""
    with serving_api(offline_settings(tmp_path / "home", database_url)) as running:
        yield running
