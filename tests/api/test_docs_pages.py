"""The API's documentation pages: served from this machine, without a request to any other."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from tests.api.client import PASSWORD, Api, offline_settings, serving_api

PAGES = ["/docs", "/redoc"]


class Resources(HTMLParser):
    """The addresses from which a page loads its scripts, styles and images."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what the tag loads."""
        if tag in {"script", "link", "img", "iframe"}:
            self.addresses += [value for name, value in attrs if name in {"src", "href"} and value]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all of these tests: they change nothing."""
    with serving_api(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_from_this_machine_only(api: Api, path: str) -> None:
    """Its scripts and styles exist, with content types that a browser accepts."""
    page = api.client.get(path)
    resources = [address for address in Resources(page.text).addresses if not address.startswith("data:")]
    answers = [api.client.get(address) for address in resources]

    assert (200, "text/html; charset=utf-8") == (page.status_code, page.headers["Content-Type"])
    assert resources
    assert all(address.startswith("/docs/scripts/") for address in resources)
    assert {200} == {answer.status_code for answer in answers}
    content_types = {answer.headers["Content-Type"].partition(";")[0] for answer in answers}
    assert content_types <= {"text/javascript", "application/javascript", "text/css"}
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//|\bfrom\s+['\"]https?:", page.text)


@pytest.mark.parametrize("path", PAGES)
def test_browsers_may_load_nothing_from_other_hosts(api: Api, path: str) -> None:
    """Whatever a bundle asks for: ReDoc's wants a logo from its maker."""
    policy = api.client.get(path).headers["Content-Security-Policy"]
    sources = dict(directive.split(" ", 1) for directive in policy.split("; "))

    assert "'none'" == sources["default-src"]
    assert {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"} >= set(" ".join(sources.values()).split())


def test_the_address_that_serve_prints_leads_to_a_page(api: Api) -> None:
    """People open it in a browser."""
    answer = api.client.get("/", follow_redirects=False)

    assert "/sign-in" == answer.headers["Location"]
    assert 200 == api.client.get("/", follow_redirects=True).status_code


def test_styles_load_nothing_from_other_hosts(api: Api) -> None:
    """No fonts, no images."""
    styles = api.client.get("/docs/scripts/swagger-ui-dist/swagger-ui.css").text

    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", styles)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_this_api(api: Api, path: str) -> None:
    """The whole schema is in the page: nothing else has to be fetched."""
    page = api.client.get(path).text

    assert all(address in page for address in api.client.get("/schema/openapi.json").json()["paths"])


def test_the_authorize_button_logs_in(api: Api) -> None:
    """The schema gives Swagger the address that accepts its form."""
    ada = api.user("ada")
    schema = api.client.get("/schema/openapi.json").json()
    scheme = schema["components"]["securitySchemes"]["BearerToken"]
    address = urljoin(str(api.client.base_url), scheme["flows"]["password"]["tokenUrl"])
    login = api.client.post(address, data={"grant_type": "password", "username": ada.email, "password": PASSWORD})
    own = api.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {login.json()['access_token']}"})

    assert scheme["type"] == "oauth2"
    assert ada.id == own.json()["id"]


def test_a_reload_of_swagger_ui_keeps_the_login(api: Api) -> None:
    """The page says so to its scripts; Litestar has no option for it."""
    assert "persistAuthorization: true" in api.client.get("/docs").text


def test_the_schema_says_which_routes_are_public(api: Api) -> None:
    """Those that need none yet, or another secret, and what says how to log in. All others need a token."""
    paths = api.client.get("/schema/openapi.json").json()["paths"]
    public = {
        path
        for path, item in paths.items()
        for operation in item.values()
        if not operation["security"] or {} in operation["security"]
    }

    of_accounts = {f"/api/v1/auth/{name}" for name in ("login", "refresh", "register", "password-reset")}
    of_catalogue = {"/opds/search.xml", "/opds/v2/authentication"}
    assert {"/health/live", "/health/ready"} | of_accounts | of_catalogue == public
