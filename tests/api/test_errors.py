"""Errors: one format, whatever goes wrong and wherever."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from litestar import get
from litestar.testing import TestClient

from bookbytes_api.app import create_app
from bookbytes_api.web.error_responses import HANDLERS
from bookbytes_api.web.log_config import logging_plugin
from bookbytes_api.web.request_log import LoggedApp
from bookbytes_pipeline.epub.validation import MAX_EPUB_BYTES
from tests.api.addresses import serving_everywhere
from tests.api.client import PASSWORD, Api, User, code, offline_settings

TEXT = "/api/v1/books/isbn/9780306406157/text"
PROCESS = "/api/v1/books/process"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=edge"}

SOME_ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"

UNKNOWN_PATHS = [
    "api",
    "api/v1",
    "api/v1/x",
    "api/v1/books/isbn",
    "api/v1/jobs/1",
    "x",
    "x/y/z",
    "schema/x",
    "schema/x/y",
]
UNKNOWN_PATHS += [
    "docs/x",
    "docs/scripts/x.js",
    "docs/scripts",
    "redoc/x",
    "health",
    "health/x",
    "health/x/y",
    "favicon.ico",
]


@pytest.fixture(scope="module")
def idle_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for the tests that change nothing; each request comes from a new address."""
    with serving_everywhere(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture(scope="module")
def reader(idle_api: Api) -> User:
    """A user of it."""
    return idle_api.user("reader")


@pytest.fixture
def ada(api: Api) -> User:
    """An administrator."""
    return api.user("ada")


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_other_paths_are_not_found(idle_api: Api, path: str) -> None:
    """Also below pages, files and the schema, where frameworks answer with pages of their own."""
    answer = idle_api.client.get(f"/{path}")

    assert (404, "NOT_FOUND") == code(answer)
    assert {"code", "message", "request_id"} == set(answer.json()["error"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/health/live", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/auth/login", {"POST", "OPTIONS"}),
        ("PATCH", f"/api/v1/books/{SOME_ID}", {"GET", "DELETE", "OPTIONS"}),
        ("DELETE", f"/api/v1/chapters/{SOME_ID}/audio", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/docs", {"GET", "OPTIONS"}),
        ("PUT", "/docs/scripts/redoc/bundles/redoc.standalone.js", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/schema/openapi.json", {"GET", "OPTIONS"}),
        ("TRACE", PROCESS, {"POST", "OPTIONS"}),
        ("PROPFIND", "/api/v1/jobs", {"GET", "OPTIONS"}),
    ],
)
def test_other_methods_are_refused(idle_api: Api, method: str, path: str, allowed: set[str]) -> None:
    """The response says which ones are allowed, and so does OPTIONS."""
    answer, options = idle_api.client.request(method, path), idle_api.client.options(path)

    assert (405, "METHOD_NOT_ALLOWED") == code(answer)
    assert allowed == set(answer.headers["Allow"].split(", "))
    assert (204, allowed) == (options.status_code, set(options.headers["Allow"].split(", ")))


@pytest.mark.parametrize("path", [PROCESS, "/api/v1/auth/register", "/api/v1/auth/login"])
def test_a_body_of_more_than_a_megabyte_is_refused(api: Api, ada: User, path: str) -> None:
    """Whether its length is announced or it comes in chunks."""
    announced = api.ask("POST", path, ada, content=b"{}", headers={**JSON, "Content-Length": str(2**20 + 1)})
    streamed = _in_chunks(api, ada, "POST", path, JSON, 2 * [b" " * 2**20])

    assert (413, "TOO_LARGE") == code(announced)
    assert (413, "TOO_LARGE") == code(streamed)


@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")  # Litestar's
def test_a_text_of_more_than_fifty_megabytes_is_refused(api: Api, ada: User) -> None:
    """Before it is read if its length is announced; otherwise once that much has arrived. Nothing is kept."""
    announced = api.ask(
        "PUT", TEXT, ada, content=b"--edge", headers={**FORM, "Content-Length": str(MAX_EPUB_BYTES + 2**20)}
    )
    form_start = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.epub"\r\n\r\n'
    chunk = bytes(2**20)
    streamed = _in_chunks(api, ada, "PUT", TEXT, FORM, [form_start, *[chunk] * (MAX_EPUB_BYTES // 2**20 + 1)])

    gc.collect()
    assert (413, "TOO_LARGE") == code(announced)
    assert (413, "TOO_LARGE") == code(streamed)
    assert not list(api.settings.store_folder.rglob("*.epub"))


def test_fifty_megabytes_are_accepted(api: Api, ada: User) -> None:
    """The limit is for the file, not for the form around it; zeros are no EPUB, which is another error."""
    form_start = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.epub"\r\n\r\n'
    chunk = bytes(2**20)
    streamed = _in_chunks(
        api, ada, "PUT", TEXT, FORM, [form_start, *[chunk] * (MAX_EPUB_BYTES // 2**20), b"\r\n--edge--\r\n"]
    )

    assert (422, "UNREADABLE_BOOK") == code(streamed)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"])
def test_a_login_with_another_content_type_is_refused(idle_api: Api, kind: str) -> None:
    """JSON and OAuth2's form are accepted, and nothing else."""
    body = json.dumps({"email": "ada@example.org", "password": PASSWORD})
    answer = idle_api.client.post("/api/v1/auth/login", content=body, headers={"Content-Type": kind})

    assert (415, "UNSUPPORTED_MEDIA_TYPE") == code(answer)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/v1/auth/register", {"password": PASSWORD}, "email"),
        ("POST", "/api/v1/auth/register", {"email": 1, "password": PASSWORD}, "email"),
        ("POST", "/api/v1/auth/register", {"email": "ada", "password": PASSWORD}, "email"),
        ("POST", "/api/v1/auth/register", {"email": "ada@example.org", "password": "short"}, "password"),
        ("POST", "/api/v1/auth/register", {"email": "ada@example.org", "password": "x" * 129}, "password"),
        ("POST", "/api/v1/auth/login", {"email": "ada@example.org"}, "password"),
        ("POST", "/api/v1/auth/login", {"email": None, "password": "x"}, "email"),
        ("POST", PROCESS, {}, "isbn"),
        ("POST", PROCESS, {"isbn": 9780306406157}, "isbn"),
        ("POST", PROCESS, {"isbn": "9780306406158"}, "isbn"),
        ("POST", PROCESS, {"isbn": "9780306406157", "force": "true"}, "force"),
        ("POST", PROCESS, {"isbn": "9780306406157", "force": 1}, "force"),
        ("POST", PROCESS, [], "body"),
        ("GET", "/api/v1/jobs?status=done", None, "status"),
        ("GET", "/api/v1/jobs?page=0", None, "page"),
        ("GET", "/api/v1/books?size=101", None, "size"),
        ("GET", "/api/v1/books?editions=first", None, "editions"),
        ("GET", "/api/v1/books?language=x%20y", None, "language"),
        ("GET", "/api/v1/books/isbn/123", None, "isbn"),
    ],
)
def test_an_invalid_field_is_named(
    idle_api: Api, reader: User, method: str, path: str, body: object, field: str
) -> None:
    """In the code for programs, and in the details with a sentence for users."""
    answer = idle_api.ask(method, path, reader, json=body)

    assert (422, f"INVALID_{field.upper()}") == code(answer)
    assert [field] == [detail["field"] for detail in answer.json()["error"]["details"]]
    assert "Struct" not in answer.text


def test_a_form_without_a_file_names_the_missing_field(api: Api, ada: User) -> None:
    """Also if the field is sent as text."""
    other = api.ask("PUT", TEXT, ada, files={"other": b"PK"})
    text = api.ask("PUT", TEXT, ada, data={"file": "PK"}, files={"other": b"PK"})

    assert [(422, "INVALID_FILE")] * 2 == [code(other), code(text)]
    assert "class" not in text.text


def test_an_unexpected_error_is_reported_without_its_details(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user gets the request id with which the traceback is logged; the log has no values of variables."""

    @get("/broken", opt={"exclude_from_auth": True})
    async def broken() -> None:
        password = "hidden" + str(len("secret"))
        raise ZeroDivisionError(f"of {len(password)}")

    settings = offline_settings(tmp_path, log_format="json", debug=True)
    app = LoggedApp([broken], exception_handlers=HANDLERS, plugins=[logging_plugin(settings)])
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers={"X-Request-ID": "number-1"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert (500, "UNEXPECTED") == code(answer)
    assert {"code", "message", "request_id"} == set(answer.json()["error"])
    assert "number-1" == answer.json()["error"]["request_id"]
    assert "Zero" not in answer.text
    traces = [line for line in lines if line["event"] == "unexpected error"]
    assert ["number-1"] == [line["request_id"] for line in traces]
    assert "ZeroDivisionError: of 7" in traces[0]["exception"]
    assert "hidden6" not in str(lines)


def test_an_unavailable_library_is_reported(tmp_path: Path) -> None:
    """503, when to retry, and without the password of the database."""
    unavailable = "postgresql+psycopg://reader:geheim@127.0.0.1:1/library"
    app = create_app(offline_settings(tmp_path, unavailable, log_level="ERROR"))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/api/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})

    assert (503, "LIBRARY_UNAVAILABLE") == code(answer)
    assert answer.headers["Retry-After"] == "30"
    assert "geheim" not in answer.text


def _in_chunks(
    api: Api, user: User, method: str, path: str, headers: dict[str, str], chunks: list[bytes]
) -> httpx.Response:
    """Send a body without a length to the application itself: a server may close the connection."""

    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://api") as client:
            return await client.request(method, path, content=body(), headers={**user.headers, **headers})

    return asyncio.run(send())
