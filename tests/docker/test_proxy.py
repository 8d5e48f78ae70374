"""The proxy of `docker/Caddyfile`: who gets to the Dagster UI, and with what."""

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
    """What makes a pool, and so leaves a trace if it is executed."""
    return f'mutation {{ setConcurrencyLimit(concurrencyKey: "{pool}", limit: 1) }}'


@pytest.mark.parametrize(
    ("method", "path", "auth"),
    [("GET", "/", None), ("POST", "/graphql", None), ("POST", "/graphql", ("ada", "a guess"))],
)
def test_nobody_passes_without_the_password(
    ui: GuardedUI, method: str, path: str, auth: tuple[str, str] | None
) -> None:
    """Neither pages nor questions; a browser is told to ask for user and password."""
    answer = ui.ask(method, path, auth=auth)

    assert 401 == answer.status_code
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_an_operator_sees_the_pages_of_the_ui(ui: GuardedUI) -> None:
    """And no other site can show them in a frame."""
    answer = ui.ask("GET", "/runs")

    assert 200 == answer.status_code
    assert "<html" in answer.text
    assert "DENY" == answer.headers["X-Frame-Options"]


def test_json_by_post_passes(ui: GuardedUI, pool: str) -> None:
    """It is what the UI sends, with where it comes from."""
    answer = ui.ask(
        "POST",
        "/graphql",
        json={"query": mutation(pool)},
        headers={"Origin": ui.outside, "Sec-Fetch-Site": "same-origin"},
    )

    assert 200 == answer.status_code
    assert pool in ui.pools


def test_without_the_proxy_a_link_changes_things(ui: GuardedUI, pool: str) -> None:
    """The reason for all of this: Dagster executes mutations that come as a GET."""
    answer = httpx.get(f"{ui.inside}/graphql", params={"query": mutation(pool)}, timeout=30)

    assert 200 == answer.status_code
    assert pool in ui.pools


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/GraphQL", "/%67raphql", "//graphql", "/x/../graphql"])
@pytest.mark.parametrize("headers", [{}, {"Connection": "Upgrade", "Upgrade": "websocket"}], ids=["plain", "upgrading"])
def test_no_get_changes_anything(ui: GuardedUI, pool: str, path: str, headers: Mapping[str, str]) -> None:
    """However the path is written, and whether or not it pretends to begin a websocket."""
    ui.ask("GET", f"{path}?query={quote(mutation(pool))}", headers=headers)

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
    """Any web page can make a browser send one, and Dagster would take the mutation from the address."""
    headers = {"Content-Type": kind} if kind else {}
    answer = ui.ask("POST", f"/graphql?query={quote(mutation(pool))}", content=body, headers=headers)

    assert 405 == answer.status_code
    assert pool not in ui.pools


@pytest.mark.parametrize(
    "headers",
    [{"Origin": ELSEWHERE}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_other_pages_are_refused(ui: GuardedUI, pool: str, headers: Mapping[str, str]) -> None:
    """A browser adds the password by itself, and says from which page it asks."""
    answer = ui.ask("POST", "/graphql", json={"query": mutation(pool)}, headers=headers)

    assert 403 == answer.status_code
    assert pool not in ui.pools


@pytest.mark.parametrize("kind", ["materialization", "check", "observation"])
def test_nobody_reports_what_was_not_made(ui: GuardedUI, kind: str) -> None:
    """Dagster would record it as if a run had made it."""
    answer = ui.ask("POST", f"/report_asset_{kind}/book_metadata", json={})

    assert 405 == answer.status_code


def test_a_websocket_passes(ui: GuardedUI) -> None:
    """The UI follows runs through it."""
    assert "connection_ack" == asyncio.run(_connected(ui, {"Origin": ui.outside}))


@pytest.mark.parametrize("headers", [{"Origin": ELSEWHERE}, {"Origin": "null"}])
def test_other_pages_get_no_websocket(ui: GuardedUI, headers: Mapping[str, str]) -> None:
    """A browser asks nobody before it opens one to another site."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(_connected(ui, headers))

    assert 403 == refused.value.status


def test_a_proxy_without_a_password_does_not_start() -> None:
    """An empty one would let everybody in, or nobody."""
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
    """The kind of the first message that comes back."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": aiohttp.encode_basic_auth(*OPERATOR)}) as session,
        session.ws_connect(f"{ui.outside}/graphql", headers=headers, protocols=["graphql-ws"]) as socket,
    ):
        await socket.send_json({"type": "connection_init"})
        return str((await socket.receive_json())["type"])
