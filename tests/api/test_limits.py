"""Rate limits, in one process and in several that share a Valkey."""

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

from bookbytes_api.accounts.limits import PER_ACCOUNT, PER_ADDRESS, network
from bookbytes_api.app import create_app, services_of
from bookbytes_pipeline.domain.errors import InvalidSettings
from tests import valkey
from tests.api.addresses import HEADER, serving_everywhere
from tests.api.client import PASSWORD, Api, code, offline_settings, serving_live, wait_for
from tests.valkey import ValkeyServer, valkey_server

REGISTER, LOGIN = "/api/v1/auth/register", "/api/v1/auth/login"
REFUSED = (429, "RATE_LIMITED")
WRONG = (401, "WRONG_CREDENTIALS")
UNAVAILABLE = (503, "RATE_LIMITS_UNAVAILABLE")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An API whose client uses a new address for each request."""
    with serving_everywhere(offline_settings(tmp_path)) as running:
        yield running


HERE = {HEADER: "192.0.2.1"}


def _code_of_form(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error whose format is OAuth2's."""
    return answer.status_code, answer.json()["code"]


def _guess(api: Api, email: str, password: str = "a guess") -> httpx.Response:  # noqa: S107 - a wrong one
    return api.client.post(LOGIN, json={"email": email, "password": password}, headers=HERE)


@pytest.mark.parametrize("path", [REGISTER, LOGIN])
def test_an_address_has_a_limited_number_of_attempts(api: Api, path: str) -> None:
    """Then it is refused, and the response says for how long; other addresses are not affected."""
    here, there = {HEADER: "192.0.2.1"}, {HEADER: "192.0.2.2"}
    before = [code(api.client.post(path, json={}, headers=here)) for _ in range(PER_ADDRESS.amount)]
    after = api.client.post(path, json={"email": "ada@example.org", "password": PASSWORD}, headers=here)
    elsewhere = api.client.post(path, json={}, headers=there)

    assert {(422, "INVALID_EMAIL")} == set(before)
    assert REFUSED == code(after)
    assert 1 <= int(after.headers["Retry-After"]) <= 60
    assert (422, "INVALID_EMAIL") == code(elsewhere)


def test_registration_and_login_share_the_limit_of_an_address(api: Api) -> None:
    """Registration reveals who has an account, as login would: both count together."""
    here = {HEADER: "192.0.2.1"}
    for _ in range(PER_ADDRESS.amount):
        api.client.post(REGISTER, json={}, headers=here)

    assert REFUSED == code(api.client.post(LOGIN, json={}, headers=here))


def test_an_account_has_a_limited_number_of_attempts(api: Api) -> None:
    """However the account is written, and as JSON or as a form; other accounts and other addresses are not affected."""
    api.user("bo")
    spellings = ["ada@example.org", "ADA@example.org", " ada@example.org ", "Ada@Example.Org"]
    before = [code(_guess(api, email)) for email in spellings]
    form = {"username": "ada@example.org", "password": "a guess"}
    before.append(_code_of_form(api.client.post(LOGIN, data=form, headers=HERE)))
    as_json, as_form = _guess(api, "ada@example.org"), api.client.post(LOGIN, data=form, headers=HERE)

    assert [WRONG] * PER_ACCOUNT.amount == before
    assert [REFUSED, REFUSED] == [code(as_json), _code_of_form(as_form)]
    assert 1 <= int(as_json.headers["Retry-After"]) <= 60
    assert _guess(api, "bo@example.org", PASSWORD).status_code == 200


def test_the_right_password_does_not_help_a_limited_account(api: Api) -> None:
    """Otherwise guessing could continue, and only the right guess would be let through."""
    ada = api.registered_user("ada")
    answers = [_guess(api, ada.email) for _ in range(PER_ACCOUNT.amount)]

    assert [WRONG] * PER_ACCOUNT.amount == [code(answer) for answer in answers]
    assert REFUSED == code(_guess(api, ada.email, PASSWORD))


def test_strangers_cannot_lock_a_person_out(api: Api) -> None:
    """Guesses count at the address that they come from."""
    ada = api.registered_user("ada")
    guesses = [_guess(api, ada.email) for _ in range(PER_ACCOUNT.amount + 1)]
    login = api.client.post(LOGIN, json={"email": ada.email, "password": PASSWORD}, headers={HEADER: "192.0.2.2"})

    assert (REFUSED, 200) == (code(guesses[-1]), login.status_code)


def test_an_ipv6_network_is_one_address(api: Api) -> None:
    """Whoever has one address of a /64 has all of them; the network beside it is somebody else's."""
    before = [
        api.client.post(LOGIN, json={}, headers={HEADER: f"2001:db8:1:2:{number:x}::1"})
        for number in range(PER_ADDRESS.amount)
    ]
    inside, beside = (
        api.client.post(LOGIN, json={}, headers={HEADER: address})
        for address in ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1")
    )

    assert {422} == {answer.status_code for answer in before}
    assert (REFUSED, 422) == (code(inside), beside.status_code)


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_what_an_address_is_counted_as(address: str, counted_as: str) -> None:
    """Each IPv4 address is one, however it is written."""
    assert counted_as == network(address)


def test_expired_attempts_are_deleted(api: Api) -> None:
    """Invented names, one after the other, do not fill the memory."""
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
def test_a_login_without_an_account_counts_for_no_account(api: Api, body: bytes) -> None:
    """An unreadable body checks no password, and counts for its address only."""
    answers = [api.client.post(LOGIN, content=body, headers={"Content-Type": "application/json"}) for _ in range(6)]

    assert len({code(answer) for answer in answers}) == 1
    assert answers[0].status_code in {400, 422}


def test_the_last_of_two_emails_counts(api: Api) -> None:
    """A body that names two accounts counts for the account whose password is checked."""
    twice = '{"email": "nobody%d@example.org", "email": "ada@example.org", "password": "a guess"}'
    answers = [
        api.client.post(LOGIN, content=twice % number, headers={"Content-Type": "application/json", **HERE})
        for number in range(PER_ACCOUNT.amount + 1)
    ]

    assert [*[WRONG] * PER_ACCOUNT.amount, REFUSED] == [code(answer) for answer in answers]


def test_only_a_configured_proxy_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise any client could claim a new address for each request, by a header."""
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
    """Two replicas of one API, as far as attempts are concerned."""
    server.forget()
    homes = tmp_path / "one", tmp_path / "two"
    first, second = (offline_settings(home, valkey_url=server.url) for home in homes)
    with serving_everywhere(first) as replica, serving_everywhere(second) as other:
        yield [replica, other]


def test_replicas_count_together(replicas: list[Api], server: ValkeyServer) -> None:
    """The sixth attempt at an account is refused at either replica, and the keys in Valkey contain no name."""
    answers = [_guess(replicas[number % 2], "ada@example.org") for number in range(PER_ACCOUNT.amount)]
    after = [_guess(replica, "ada@example.org") for replica in replicas]

    assert [WRONG] * PER_ACCOUNT.amount == [code(answer) for answer in answers]
    assert [REFUSED, REFUSED] == [code(answer) for answer in after]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in after)
    assert WRONG == code(_guess(replicas[0], "bob@example.org"))
    assert all(name.startswith("bookbytes:attempts:") and "ada" not in name for name in server.names())


def test_concurrent_attempts_are_all_counted(replicas: list[Api]) -> None:
    """Also when they arrive at different replicas."""
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(_guess, replicas * 10, ["ada@example.org"] * 20))

    assert PER_ACCOUNT.amount == [code(answer) for answer in answers].count(WRONG)


def test_an_address_is_limited_at_all_replicas(replicas: list[Api]) -> None:
    """For registration and login together."""
    here, paths = {HEADER: "192.0.2.1"}, [REGISTER, LOGIN]
    for number in range(PER_ADDRESS.amount):
        replicas[number % 2].client.post(paths[number // 2 % 2], json={}, headers=here)

    answers = [replica.client.post(path, json={}, headers=here) for replica in replicas for path in paths]

    assert [REFUSED] * 4 == [code(answer) for answer in answers]


def test_login_is_unavailable_while_attempts_cannot_be_counted(replicas: list[Api], server: ValkeyServer) -> None:
    """So is registration; users who are logged in are not affected, not even where lookups are counted.

    Both are available again when Valkey is back.
    """
    api = replicas[0]
    ada = api.user()
    server.kill()
    refused = [_guess(api, ada.email, PASSWORD), api.client.post(REGISTER, json={})]
    jobs, lookup = api.ask("GET", "/api/v1/jobs", ada), api.ask("GET", "/api/v1/search/books?q=matilda", ada)
    ready = api.ask("GET", "/health/ready").json()["checks"]
    server.start()

    assert [UNAVAILABLE, UNAVAILABLE] == [code(answer) for answer in refused]
    assert refused[0].headers["Retry-After"]
    assert (200, (403, "CATALOGUE_OFF")) == (jobs.status_code, code(lookup))
    assert "cannot be counted in Valkey" in ready["rate_limits"]
    login = {"email": ada.email, "password": PASSWORD}
    assert wait_for(lambda: api.client.post(LOGIN, json=login).status_code == 200)
    assert "ok" == api.ask("GET", "/health/ready").json()["checks"]["rate_limits"]


def test_requests_do_not_queue_for_a_silent_valkey(replicas: list[Api], server: ValkeyServer) -> None:
    """However many there are, they do not wait for each other's timeouts."""
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    for replica in replicas:
        replica.client.timeout = httpx.Timeout(10)  # ten one after the other would take fifteen seconds
    try:
        with ThreadPoolExecutor(20) as threads:
            answers = list(threads.map(_guess, replicas * 10, [f"ada{number}@example.org" for number in range(20)]))
    finally:
        os.kill(server.process.pid, signal.SIGCONT)

    assert [UNAVAILABLE] * 20 == [code(answer) for answer in answers]


def test_valkeys_password_is_not_shown(tmp_path: Path, server: ValkeyServer) -> None:
    """Neither a wrong one, nor one in an address that cannot be parsed."""
    wrong = server.url.replace(valkey.PASSWORD, "geheim")
    with serving_live(offline_settings(tmp_path, valkey_url=wrong)) as api:
        reported = _guess(api, "ada@example.org").text + api.ask("GET", "/health/ready").text
    unreadable = offline_settings(tmp_path, valkey_url="valkey://:ge@heim@host:port/0")

    assert "RATE_LIMITS_UNAVAILABLE" in reported
    assert "geheim" not in reported
    with pytest.raises(InvalidSettings, match="VALKEY_URL cannot be read") as refused:
        create_app(unreadable)
    assert "heim" not in str(refused.value)
