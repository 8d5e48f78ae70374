"""Bad input, by mistake or on purpose: always an error response that says what is wrong, never a server error."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.addresses import serving_everywhere
from tests.api.client import PASSWORD, Api, User, offline_settings
from tests.conftest import DATABASES
from tests.postgres import PostgresServer

REGISTER, LOGIN, PROCESS = "/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/books/process"
BOOKS, JOBS = "/api/v1/books", "/api/v1/jobs"
TEXT = "/api/v1/books/isbn/9780306406157/text"
SOME_ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module", params=DATABASES)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all of these tests, on each kind of database; each request comes from a new address."""
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        with serving_everywhere(offline_settings(home)) as running:
            yield running
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(server.migrated) as url, serving_everywhere(offline_settings(home, url)) as running:
        yield running


@pytest.fixture(scope="module")
def ada(api: Api) -> User:
    """An administrator, who may use every route."""
    return api.user("ada")


NONSENSE = b"Content-Type: text/plain; charset=nonsense\r\n\r\nPK\r\n--x--\r\n"
STRINGS = {
    "null byte": "\0",
    "null byte within": "9780306406157\0",
    "10,000 characters": "9" * 10_000,
    "lines": "a\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "path": "../../../../etc/passwd",
    "SQL": "'; DROP TABLE users; --",
    "unicode": "\N{PILE OF POO}\u202e\ufeff\u0301",
    "a lone surrogate": "\ud800",
    "not a character": "\uffff",
    "nothing": "",
    "spaces": " \t\n\u00a0",
    "number": 9_780_306_406_157,
    "huge number": 10**400,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "null": None,
    "list": ["a"],
    "object": {"a": 1},
}


@pytest.mark.parametrize("name", STRINGS)
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PROCESS, {}, "isbn"),
        (REGISTER, {"password": PASSWORD}, "email"),
        (LOGIN, {"password": PASSWORD}, "email"),
        (LOGIN, {"email": "nobody@example.org"}, "password"),
    ],
)
def test_a_field_of_a_body_may_hold_anything(
    api: Api, ada: User, path: str, body: Mapping[str, str], field: str, name: str
) -> None:
    """Invalid JSON is reported as such; otherwise the field is refused, or matches no account."""
    email = {"email": f"{uuid4().hex}@example.org"} if "email" in body else {}
    sent = json.dumps({**body, **email, field: STRINGS[name]}).encode()

    _assert_refused(api.ask("POST", path, ada, content=sent, headers={"Content-Type": JSON}))


BODIES = {
    "nothing": b"",
    "half": b'{"isbn": "978',
    "single quotes": b"{'isbn': '9780306406157'}",
    "null": b"null",
    "text": b'"9780306406157"',
    "list": b'[{"isbn": "9780306406157"}]',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"isbn":' * 100_000,
    "deep beside": b'{"isbn": "9780306406158", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not UTF-8": b'{"isbn": "\xff\xfe", "email": "\xff", "password": "\xff"}',
    "UTF-16": '{"isbn": "9780306406157"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"isbn": "9780306406157"}',
    "null bytes": bytes(100),
    "a long number": b'{"isbn": ' + b"9" * 100_000 + b"}",
    "a large exponent": b'{"isbn": 1e999999}',
    "two values": b"{} {}",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", [PROCESS, REGISTER, LOGIN])
def test_a_body_may_be_anything(api: Api, ada: User, path: str, name: str) -> None:
    """What is not JSON is 400, JSON of another shape is 422."""
    answer = api.ask("POST", path, ada, content=BODIES[name], headers={"Content-Type": JSON})

    _assert_refused(answer)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"username=ada@example.org",
        b"username=%00&password=%00",
        b"username=%ff&password=%ff",
        b"username=\xff&password=\x00",
        b"username=%F0%9F%92%A9&password=%ED%A0%80",
        b"username=" + b"a" * 10_000 + b"&password=a",
        b"username=a&username=b&username=c&password=d&password=e",
        b"&" * 10_000,
        b"=&=&%%%",
        b"[" * 10_000,
    ],
)
def test_the_login_form_may_hold_anything(api: Api, body: bytes) -> None:
    """Like a JSON body; the error is one of OAuth2."""
    answer = api.client.post(LOGIN, content=body, headers={"Content-Type": FORM})

    assert answer.status_code < 500, answer.text
    assert {"error", "error_description", "code", "request_id"} == set(answer.json()) - {"details"}


QUERIES = ["page=0", "page=-1", "page=1.5", "page=one", "page=", "page=NaN", "page=99999999999999999999", "page=%00"]
QUERIES += [f"page={'9' * 5_000}", "size=0", "size=101", "size=-9223372036854775809", "size=%F0%9F%92%A9"]
BOOK_QUERIES = ["q=%00", "q=a%00b", f"q={'a' * 10_000}", "q=%0d%0aSet-Cookie:a=b", "language=%00", "language=en%00"]
BOOK_QUERIES += [f"language={'a' * 10_000}", "language=%F0%9F%92%A9", "language=..%2F..", "editions=%00", "editions="]
JOB_QUERIES = ["status=%00", "status=", "status=PENDING", f"status={'a' * 10_000}", "status=%ED%A0%80"]


@pytest.mark.parametrize(
    "address", [*(f"{path}?{query}" for path in (BOOKS, JOBS) for query in QUERIES)]
    + [f"{BOOKS}?{query}" for query in BOOK_QUERIES]
    + [f"{JOBS}?{query}" for query in JOB_QUERIES],
    ids=lambda address: address[:60],
)  # fmt: skip
def test_an_invalid_query_parameter_is_refused(api: Api, ada: User, address: str) -> None:
    """422, and the parameter is named."""
    answer = api.ask("GET", address, ada)

    _assert_refused(answer)
    assert answer.status_code == 422
    parameter = address.partition("?")[2].partition("=")[0]
    assert f"INVALID_{parameter.upper()}" == answer.json()["error"]["code"]


@pytest.mark.parametrize(
    "q",
    ["%25", "_", "%5C", "%22", "%27%3B--", "%28", "%5B", "%2A%2B", "%F0%9F%92%A9", "%ff", "%ED%A0%80", "%7f", "a&q=b"],
)
def test_a_search_may_be_for_any_text(api: Api, ada: User, q: str) -> None:
    """Characters that are special to a database are taken literally."""
    answer = api.ask("GET", f"{BOOKS}?q={q}", ada)

    assert (200, 0) == (answer.status_code, answer.json()["total"])


PARTS = [
    "%00",
    "9780306406157%00",
    "%FF%FE",
    "%ED%A0%80",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..",
    "%0d%0aX:1",
    "0",
]
PARTS += ["%F0%9F%92%A9", "9" * 10_000, "-1", "'%20OR%201=1", SOME_ID + "%00", SOME_ID[:-1], "{}", "%25s%25n", "*", "~"]
ROUTES = [
    ("GET", "/api/v1/books/isbn/{}"),
    ("PUT", "/api/v1/books/isbn/{}/text"),
    ("GET", "/api/v1/books/{}"),
    ("DELETE", "/api/v1/books/{}"),
    ("GET", "/api/v1/chapters/{}/audio"),
    ("GET", "/api/v1/jobs/{}"),
    ("GET", "/api/v1/jobs/{}/events"),
    ("POST", "/api/v1/jobs/{}/cancel"),
    ("GET", "/docs/scripts/{}"),
    ("GET", "/schema/{}"),
    ("GET", "/health/{}"),
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part[:40])
def test_a_segment_of_a_path_may_be_anything(api: Api, ada: User, part: str) -> None:
    """It matches nothing."""
    for method, route in ROUTES:
        more: dict[str, Any] = {"files": {"file": b"PK"}} if method == "PUT" else {}
        _assert_refused(api.ask(method, route.format(part), ada, **more))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x"),
        ("multipart/form-data; boundary=x", b"PK"),
        ("multipart/form-data; boundary=" + "x" * 5_000, b"--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nPK\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="\0"\r\n\r\nPK\r\n--x--\r\n'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff\0/../a"\r\n\r\nPK\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.epub"\r\n' + NONSENSE,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n' + NONSENSE,
        ),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 2_000),
        ("application/epub+zip", b"PK"),
        (JSON, b"{}"),
    ],
)
def test_a_form_may_be_anything(api: Api, ada: User, kind: str, body: bytes) -> None:
    """No file is stored."""
    _assert_refused(api.ask("PUT", TEXT, ada, content=body, headers={"Content-Type": kind}))


@pytest.mark.parametrize(
    "event_id", [b"", b"\0", b"1.2", b"x", b"-1.-1", b"9" * 64, b"9.9", b"\xff", "\u0663.\u0663".encode()]
)
def test_the_last_event_of_a_stream_may_be_anything(api: Api, ada: User, event_id: bytes) -> None:
    """An invalid event id changes nothing: this job does not exist."""
    answer = _directly(api, f"{JOBS}/{SOME_ID}/events", ada, (b"last-event-id", event_id))

    assert (404, "JOB_NOT_FOUND") == (answer.status_code, answer.json()["error"]["code"])


def test_the_last_event_of_a_stream_may_be_too_long(api: Api, ada: User) -> None:
    """Only event ids of this API are accepted."""
    _assert_refused(_directly(api, f"{JOBS}/{SOME_ID}/events", ada, (b"last-event-id", b"1" * 10_000)))


@pytest.mark.parametrize("given", [b"one", b"A-1_b.c", b"a" * 64])
def test_a_harmless_request_id_is_kept(api: Api, ada: User, given: bytes) -> None:
    """So that a client's developer finds the request in the server's log."""
    answer = _directly(api, JOBS, ada, (b"x-request-id", given))

    assert given.decode() == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "given",
    [b"", b" ", b"\0", b"a\0b", b"a b", b"a" * 65, b"a" * 10_000, b"a\r\nSet-Cookie: a=b", b"a\n", b"\xff", b"<b>"],
)
def test_any_other_request_id_is_replaced(api: Api, ada: User, given: bytes) -> None:
    """By a new one: nobody writes into the server's log, or into the headers of a response."""
    answer = _directly(api, JOBS, ada, (b"x-request-id", given))

    assert answer.status_code == 200
    assert len(answer.headers["X-Request-ID"]) == 32
    assert answer.headers["X-Request-ID"].isalnum()
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("length", [b"-1", b"many", b"\xff", b"9" * 5_000])
def test_a_length_may_be_anything(api: Api, ada: User, length: bytes) -> None:
    """It is not taken for the length of the body."""
    _assert_refused(_directly(api, PROCESS, ada, (b"content-length", length), method="POST"))


def _assert_refused(answer: httpx.Response) -> None:
    """A 4xx in the common error format."""
    assert 400 <= answer.status_code < 500, answer.text
    error = answer.json()["error"]
    assert {"code", "message", "request_id"} == set(error) - {"details"}
    assert error["request_id"] == answer.headers["X-Request-ID"]


def _directly(api: Api, path: str, user: User, header: tuple[bytes, bytes], method: str = "GET") -> httpx.Response:
    """Send a request with a header that no HTTP client, and hardly any server, would let through."""
    headers = [(name.encode(), value.encode()) for name, value in user.headers.items()]
    with httpx.Client(base_url="http://api") as client:
        request = client.build_request(method, path, headers=[*headers, header])
    return asyncio.run(_response_to(api, request))


async def _response_to(api: Api, request: httpx.Request) -> httpx.Response:
    answer = await httpx.ASGITransport(api.app).handle_async_request(request)
    await answer.aread()
    return answer
