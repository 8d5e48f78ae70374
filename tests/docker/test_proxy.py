"""The proxy of `docker/Caddyfile`: who reaches the Dagster UI, and with which requests."""

import asyncio
import subprocess
from collections.abc import Iterator, Mapping
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import httpx
import pytest

from tests.cli_runner import COMMANDS
from tests.docker.guarded import CADDYFILE, OPERATOR, GuardedUI, guarded_ui

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedUI]:
    """The UI behind the proxy."""
    with guarded_ui(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.fixture
def pool() -> str:
    """The name of a concurrency pool that does not exist yet."""
    return f"pool-{uuid4().hex}"


def mutation(pool: str) -> str:
    """A mutation that creates a pool, so that a test can see whether it was executed."""
    return f'mutation {{ setConcurrencyLimit(concurrencyKey: "{pool}", limit: 1) }}'


@pytest.mark.parametrize(
    ("method", "path", "auth"),
    [("GET", "/", None), ("POST", "/graphql", None), ("POST", "/graphql", ("ada", "a guess"))],
)
def test_nobody_gets_in_without_the_password(
    ui: GuardedUI, method: str, path: str, auth: tuple[str, str] | None
) -> None:
    """Neither to pages nor to GraphQL; the response makes a browser ask for user and password."""
    response = ui.request(method, path, auth=auth)

    assert 401 == response.status_code
    assert response.headers["WWW-Authenticate"].startswith("Basic")


def test_an_operator_sees_the_pages_of_the_ui(ui: GuardedUI) -> None:
    """No other site can show them in a frame."""
    response = ui.request("GET", "/runs")

    assert 200 == response.status_code
    assert "<html" in response.text
    assert "DENY" == response.headers["X-Frame-Options"]


def test_json_by_post_passes(ui: GuardedUI, pool: str) -> None:
    """The UI sends it, with its origin."""
    response = ui.request(
        "POST",
        "/graphql",
        json={"query": mutation(pool)},
        headers={"Origin": ui.outside, "Sec-Fetch-Site": "same-origin"},
    )

    assert 200 == response.status_code
    assert pool in ui.pools


def test_without_the_proxy_a_link_executes_a_mutation(ui: GuardedUI, pool: str) -> None:
    """The reason for the proxy's rules: Dagster executes mutations that come as a GET."""
    response = httpx.get(f"{ui.inside}/graphql", params={"query": mutation(pool)}, timeout=30)

    assert 200 == response.status_code
    assert pool in ui.pools


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/GraphQL", "/%67raphql", "//graphql", "/x/../graphql"])
@pytest.mark.parametrize("headers", [{}, {"Connection": "Upgrade", "Upgrade": "websocket"}], ids=["plain", "upgrading"])
def test_no_get_changes_anything(ui: GuardedUI, pool: str, path: str, headers: Mapping[str, str]) -> None:
    """However the path is written, and whether or not it claims to open a websocket."""
    ui.request("GET", f"{path}?query={quote(mutation(pool))}", headers=headers)

    assert pool not in ui.pools


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", "a=b"),
        ("text/plain", '{"query": "{version}"}'),
        ("multipart/form-data; boundary=x", "--x--"),
        ("application/graphql", "{version}"),
        (None, ""),
    ],
)
def test_a_form_is_refused(ui: GuardedUI, pool: str, kind: str | None, body: str) -> None:
    """Any web page can make a browser send one, and Dagster would take the mutation from the URL."""
    headers = {"Content-Type": kind} if kind else {}
    response = ui.request("POST", f"/graphql?query={quote(mutation(pool))}", content=body, headers=headers)

    assert 405 == response.status_code
    assert pool not in ui.pools


@pytest.mark.parametrize(
    "headers",
    [{"Origin": ELSEWHERE}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_other_pages_are_refused(ui: GuardedUI, pool: str, headers: Mapping[str, str]) -> None:
    """A browser adds the password by itself, and says from which page the request comes."""
    response = ui.request("POST", "/graphql", json={"query": mutation(pool)}, headers=headers)

    assert 403 == response.status_code
    assert pool not in ui.pools


@pytest.mark.parametrize("kind", ["materialization", "check", "observation"])
def test_materializations_cannot_be_reported(ui: GuardedUI, kind: str) -> None:
    """Dagster would record them as if a run had produced them."""
    response = ui.request("POST", f"/report_asset_{kind}/book_metadata", json={})

    assert 405 == response.status_code


def test_a_websocket_passes(ui: GuardedUI) -> None:
    """The UI follows runs through it."""
    assert "connection_ack" == asyncio.run(_connected(ui, {"Origin": ui.outside}))


@pytest.mark.parametrize("headers", [{"Origin": ELSEWHERE}, {"Origin": "null"}])
def test_other_pages_get_no_websocket(ui: GuardedUI, headers: Mapping[str, str]) -> None:
    """A browser opens a websocket to another site without a preflight request."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(_connected(ui, headers))

    assert 403 == refused.value.status


def test_a_proxy_without_a_password_does_not_start() -> None:
    """An empty password would let everybody in, or nobody."""
    checked = subprocess.run(
        [COMMANDS / "caddy", "validate", "--config", CADDYFILE, "--adapter", "caddyfile"],
        env={"UI_USER": "ada", "UI_PASSWORD_HASH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 1 == checked.returncode
    assert "password cannot be empty" in checked.stderr


async def _connected(ui: GuardedUI, headers: Mapping[str, str]) -> str:
    """The type of the first message that comes back."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": aiohttp.encode_basic_auth(*OPERATOR)}) as session,
        session.ws_connect(f"{ui.outside}/graphql", headers=headers, protocols=["graphql-ws"]) as socket,
    ):
        await socket.send_json({"type": "connection_init"})
        return str((await socket.receive_json())["type"])
