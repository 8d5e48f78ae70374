"""How often somebody may try."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bookbytes_api.accounts.limits import PER_ACCOUNT, PER_ADDRESS
from tests.api.addresses import HEADER, serving_everywhere
from tests.api.client import PASSWORD, Api, code, offline_settings

REGISTER, LOGIN = "/api/v1/auth/register", "/api/v1/auth/login"
REFUSED = (429, "RATE_LIMITED")
WRONG = (401, "WRONG_CREDENTIALS")


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
    before = [code(api.client.post(path, json={}, headers=here)) for _ in range(PER_ADDRESS)]
    after = api.client.post(path, json={"email": "ada@example.org", "password": PASSWORD}, headers=here)
    elsewhere = api.client.post(path, json={}, headers=there)

    assert {(422, "INVALID_EMAIL")} == set(before)
    assert REFUSED == code(after)
    assert 1 <= int(after.headers["Retry-After"]) <= 60
    assert (422, "INVALID_EMAIL") == code(elsewhere)


def test_an_address_cannot_go_on_at_the_other_door(api: Api) -> None:
    """Signing up tells who has an account, as logging in would: both count together."""
    here = {HEADER: "192.0.2.1"}
    for _ in range(PER_ADDRESS):
        api.client.post(REGISTER, json={}, headers=here)

    assert REFUSED == code(api.client.post(LOGIN, json={}, headers=here))


def test_an_account_is_tried_so_often(api: Api) -> None:
    """From wherever, however it is written, and as JSON or as a form; other accounts are not concerned."""
    api.person("bo")
    spellings = ["ada@example.org", "ADA@example.org", " ada@example.org ", "Ada@Example.Org"]
    before = [code(_guess(api, email)) for email in spellings]
    form = {"username": "ada@example.org", "password": "a guess"}
    before.append(code(api.client.post(LOGIN, data=form)))
    as_json, as_form = _guess(api, "ada@example.org"), api.client.post(LOGIN, data=form)

    assert [WRONG] * PER_ACCOUNT == before
    assert [REFUSED, REFUSED] == [code(as_json), code(as_form)]
    assert 1 <= int(as_json.headers["Retry-After"]) <= 60
    assert _guess(api, "bo@example.org", PASSWORD).status_code == 200


def test_the_right_password_does_not_help_a_limited_account(api: Api) -> None:
    """Else guessing would go on, and only the right guess would be let through."""
    ada = api.person("ada")
    answers = [_guess(api, ada.email) for _ in range(PER_ACCOUNT)]

    assert REFUSED == code(answers[-1])
    assert REFUSED == code(_guess(api, ada.email, PASSWORD))


def test_attempts_of_long_ago_are_forgotten(api: Api) -> None:
    """Names that somebody makes up, one after the other, do not fill the memory."""
    store = api.app.stores.get("rate_limit")
    asyncio.run(store.set("of long ago", b"", expires_in=-1))
    kept = asyncio.run(store.exists("of long ago"))
    _guess(api, "ada@example.org")

    assert [True, False] == [kept, asyncio.run(store.exists("of long ago"))]


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
        for number in range(PER_ACCOUNT + 1)
    ]

    assert [*[WRONG] * PER_ACCOUNT, REFUSED] == [code(answer) for answer in answers]
