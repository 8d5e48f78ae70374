"""How often somebody may try, at one process and at several that share a Valkey."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from limits.aio.storage import MemoryStorage

from bookbytes_api.accounts.limits import PER_ACCOUNT, PER_ADDRESS
from bookbytes_api.app import create_app, services_of
from bookbytes_pipeline.domain.errors import InvalidSettings
from tests import valkey
from tests.api.addresses import HEADER, serving_everywhere
from tests.api.client import PASSWORD, Api, code, offline_settings, serving_live, wait_for
from tests.valkey import ValkeyServer, valkey_server

REGISTER, LOGIN = "/api/v1/auth/register", "/api/v1/auth/login"
REFUSED = (429, "RATE_LIMITED")
WRONG = (401, "WRONG_CREDENTIALS")
CLOSED = (503, "RATE_LIMITS_UNAVAILABLE")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An API whose client asks from a new address each time."""
    with serving_everywhere(offline_settings(tmp_path)) as running:
        yield running


def _guess(api: Api, email: str, password: str = "a guess") -> httpx.Response:  # noqa: S107 - a wrong one
    return api.client.post(LOGIN, json={"email": email, "password": password})


@pytest.mark.parametrize("path", [REGISTER, LOGIN])
def test_an_address_may_try_so_often(api: Api, path: str) -> None:
    """Then it waits, and is told how long; others go on."""
    here, there = {HEADER: "192.0.2.1"}, {HEADER: "192.0.2.2"}
    before = [code(api.client.post(path, json={}, headers=here)) for _ in range(PER_ADDRESS.amount)]
    after = api.client.post(path, json={"email": "ada@example.org", "password": PASSWORD}, headers=here)
    elsewhere = api.client.post(path, json={}, headers=there)

    assert {(422, "INVALID_EMAIL")} == set(before)
    assert REFUSED == code(after)
    assert 1 <= int(after.headers["Retry-After"]) <= 60
    assert (422, "INVALID_EMAIL") == code(elsewhere)


def test_an_address_cannot_go_on_at_the_other_door(api: Api) -> None:
    """Signing up tells who has an account, as logging in would: both count together."""
    here = {HEADER: "192.0.2.1"}
    for _ in range(PER_ADDRESS.amount):
        api.client.post(REGISTER, json={}, headers=here)

    assert REFUSED == code(api.client.post(LOGIN, json={}, headers=here))


def test_an_account_is_tried_so_often(api: Api) -> None:
    """From wherever, however it is written, and as JSON or as a form; other accounts are not concerned."""
    api.user("bo")
    spellings = ["ada@example.org", "ADA@example.org", " ada@example.org ", "Ada@Example.Org"]
    before = [code(_guess(api, email)) for email in spellings]
    form = {"username": "ada@example.org", "password": "a guess"}
    before.append(code(api.client.post(LOGIN, data=form)))
    as_json, as_form = _guess(api, "ada@example.org"), api.client.post(LOGIN, data=form)

    assert [WRONG] * PER_ACCOUNT.amount == before
    assert [REFUSED, REFUSED] == [code(as_json), code(as_form)]
    assert 1 <= int(as_json.headers["Retry-After"]) <= 60
    assert _guess(api, "bo@example.org", PASSWORD).status_code == 200


def test_the_right_password_does_not_help_a_limited_account(api: Api) -> None:
    """Else guessing would go on, and only the right guess would be let through."""
    ada = api.registered_user("ada")
    answers = [_guess(api, ada.email) for _ in range(PER_ACCOUNT.amount)]

    assert REFUSED == code(answers[-1])
    assert REFUSED == code(_guess(api, ada.email, PASSWORD))


def test_attempts_of_long_ago_are_forgotten(api: Api) -> None:
    """Names that somebody makes up, one after the other, do not fill the memory."""
    storage = services_of(api.app).attempts.storage
    assert isinstance(storage, MemoryStorage)
    asyncio.run(storage.incr("of long ago", 0.2))
    kept = "of long ago" in storage.storage
    time.sleep(0.2)
    _guess(api, "ada@example.org")

    assert kept
    assert wait_for(lambda: "of long ago" not in storage.storage)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"email": 1}', b'{"email": ["ada@example.org"]}', b'{"email": "\xff"}', b"[" * 100_000]
)
def test_who_names_no_account_keeps_nobody_out(api: Api, body: bytes) -> None:
    """What cannot be read checks no password, and counts for its address only."""
    answers = [api.client.post(LOGIN, content=body, headers={"Content-Type": "application/json"}) for _ in range(6)]

    assert len({code(answer) for answer in answers}) == 1
    assert answers[0].status_code in {400, 422}


def test_the_last_of_two_names_is_the_one_that_counts(api: Api) -> None:
    """A body that names two accounts counts for the one whose password is checked."""
    twice = '{"email": "nobody%d@example.org", "email": "ada@example.org", "password": "a guess"}'
    answers = [
        api.client.post(LOGIN, content=twice % number, headers={"Content-Type": "application/json"})
        for number in range(PER_ACCOUNT.amount + 1)
    ]

    assert [*[WRONG] * PER_ACCOUNT.amount, REFUSED] == [code(answer) for answer in answers]


def test_a_proxy_is_believed_only_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else everybody could come from a new address each time, by a header."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "192.0.2.0/24")
    with serving_live(offline_settings(tmp_path)) as api:
        answers = [api.client.post(LOGIN, json={}, headers={HEADER: f"10.0.0.{number}"}) for number in range(21)]

    assert REFUSED == code(answers[-1])


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """The Valkey that replicas share."""
    with valkey_server() as running:
        yield running


@pytest.fixture
def replicas(tmp_path: Path, server: ValkeyServer) -> Iterator[list[Api]]:
    """Two processes of one API, as far as attempts are concerned."""
    server.forget()
    homes = tmp_path / "one", tmp_path / "two"
    first, second = (offline_settings(home, valkey_url=server.url) for home in homes)
    with serving_everywhere(first) as one, serving_everywhere(second) as two:
        yield [one, two]


def test_replicas_count_together(replicas: list[Api], server: ValkeyServer) -> None:
    """The sixth attempt at an account is refused wherever it comes, and whoever looks into Valkey reads no name."""
    answers = [_guess(replicas[number % 2], "ada@example.org") for number in range(PER_ACCOUNT.amount)]
    after = [_guess(replica, "ada@example.org") for replica in replicas]

    assert [WRONG] * PER_ACCOUNT.amount == [code(answer) for answer in answers]
    assert [REFUSED, REFUSED] == [code(answer) for answer in after]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in after)
    assert WRONG == code(_guess(replicas[0], "bob@example.org"))
    assert all(name.startswith("bookbytes:attempts:") and "ada" not in name for name in server.names())


def test_all_at_once_is_no_way_through(replicas: list[Api]) -> None:
    """Attempts that meet at different replicas are all counted."""
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(_guess, replicas * 10, ["ada@example.org"] * 20))

    assert PER_ACCOUNT.amount == [code(answer) for answer in answers].count(WRONG)


def test_an_address_is_limited_at_all_replicas(replicas: list[Api]) -> None:
    """And at both doors."""
    here, doors = {HEADER: "192.0.2.1"}, [REGISTER, LOGIN]
    for number in range(PER_ADDRESS.amount):
        replicas[number % 2].client.post(doors[number // 2 % 2], json={}, headers=here)

    answers = [replica.client.post(door, json={}, headers=here) for replica in replicas for door in doors]

    assert [REFUSED] * 4 == [code(answer) for answer in answers]


def test_nobody_tries_while_attempts_cannot_be_counted(replicas: list[Api], server: ValkeyServer) -> None:
    """Both doors are closed and say so; whoever is logged in goes on. They open when Valkey is back."""
    api = replicas[0]
    ada = api.user()
    server.kill()
    closed = [_guess(api, ada.email, PASSWORD), api.client.post(REGISTER, json={})]
    jobs, ready = api.ask("GET", "/api/v1/jobs", ada), api.ask("GET", "/health/ready").json()["checks"]
    server.start()

    assert [CLOSED, CLOSED] == [code(answer) for answer in closed]
    assert closed[0].headers["Retry-After"]
    assert 200 == jobs.status_code
    assert "cannot be counted in Valkey" in ready["rate_limits"]
    assert wait_for(lambda: _guess(api, ada.email, PASSWORD).status_code == 200)
    assert "ok" == api.ask("GET", "/health/ready").json()["checks"]["rate_limits"]


def test_a_silent_valkey_is_not_waited_for(replicas: list[Api], server: ValkeyServer) -> None:
    """However many try: they do not wait for each other's patience to end."""
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    for replica in replicas:
        replica.client.timeout = httpx.Timeout(10)  # ten one after the other would take fifteen seconds
    try:
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(_guess, replicas * 10, [f"ada{number}@example.org" for number in range(20)]))
    finally:
        os.kill(server.process.pid, signal.SIGCONT)

    assert [CLOSED] * 20 == [code(answer) for answer in answers]


def test_a_password_of_valkey_is_not_shown(tmp_path: Path, server: ValkeyServer) -> None:
    """Neither one that is wrong, nor one in an address that cannot be read."""
    wrong = server.url.replace(valkey.PASSWORD, "geheim")
    with serving_live(offline_settings(tmp_path, valkey_url=wrong)) as api:
        told = _guess(api, "ada@example.org").text + api.ask("GET", "/health/ready").text
    unreadable = offline_settings(tmp_path, valkey_url="valkey://:ge@heim@host:port/0")

    assert "RATE_LIMITS_UNAVAILABLE" in told
    assert "geheim" not in told
    with pytest.raises(InvalidSettings, match="VALKEY_URL cannot be read") as refused:
        create_app(unreadable)
    assert "heim" not in str(refused.value)
