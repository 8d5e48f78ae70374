"""The pages in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.api.client import Api, User, offline_settings, serving_live
from tests.api.conftest import dagster_home  # noqa: F401 - a Dagster that runs nothing
from tests.api.factories import publish_book
from tests.web_app.browser import CHROMIUM, chromium, sign_in, visiting


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of a file: while Playwright runs, the tests of other files cannot use asyncio."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium: apt-get install chromium, or bash .ci/install_chromium.sh.")
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> Iterator[Api]:  # noqa: F811 - the fixture
    """A server with one book, which all tests of a file share; no runs are executed."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAGSTER_HOME", str(dagster_home))
        with serving_live(offline_settings(tmp_path_factory.mktemp("home"))) as api:
            publish_book(api.settings)
            yield api


@pytest.fixture(scope="module")
def ada(site: Api) -> User:
    """An administrator."""
    return site.user("ada")


@pytest.fixture
def visitor(browser: Browser, site: Api) -> Iterator[Page]:
    """The page of somebody who is not signed in."""
    with visiting(browser, site.origin) as page:
        yield page


@pytest.fixture
def page(browser: Browser, site: Api, ada: User) -> Iterator[Page]:
    """Ada's page."""
    with visiting(browser, site.origin) as opened:
        sign_in(opened, site, ada)
        yield opened
