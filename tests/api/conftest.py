"""The API in process, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import Api, User, offline_settings, serving_api
from tests.api.factories import publish_book


@pytest.fixture(scope="session")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a Dagster that runs nothing, for all tests that need none: creating its tables takes a second."""
    home = tmp_path_factory.mktemp("dagster")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}")
    return home


@pytest.fixture(autouse=True)
def _idle_dagster(monkeypatch: pytest.MonkeyPatch, dagster_home: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))


@pytest.fixture
def api(tmp_path: Path, database_url: str) -> Iterator[Api]:
    """The API of an empty library; no runs are executed, so jobs stay as they are."""
    with serving_api(offline_settings(tmp_path / "home", database_url)) as running:
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a library with one book, which all tests of a file share and only read: users take long to create."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as api:
        publish_book(api.settings)
        yield api


@pytest.fixture(scope="module")
def ada(running: Api) -> User:
    """An administrator of the API that all tests of a file share."""
    return running.user("ada")


@pytest.fixture(scope="module")
def bob(running: Api, ada: User) -> User:  # noqa: ARG001 - the first user is the administrator
    """A user of it who is no administrator."""
    return running.user("bob")
