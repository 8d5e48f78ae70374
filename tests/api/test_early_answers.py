"""Requests that are refused while their body is still being sent: the client gets the answer, and nothing breaks."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from shutil import which
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import httpx
import pytest

from bookbytes_api.accounts.limits import PER_ADDRESS
from bookbytes_pipeline.processes.ports import is_listening
from tests.api.addresses import HEADER
from tests.api.client import Api, free_port, offline_settings, serving_live, wait_for

ROOT = Path(__file__).parents[2]
MB = 1024 * 1024
TEXT, PROCESS, LOGIN = "/api/v1/books/isbn/9780306406157/text", "/api/v1/books/process", "/api/v1/auth/login"
JSON = {"Content-Type": "application/json"}
NEEDS_CURL = pytest.mark.skipif(which("curl") is None, reason="curl is not on this machine")
Client = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]


def with_urllib(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Sends everything before it reads, and asks for the connection to be closed."""
    try:
        with urlopen(Request(url, body, headers, method=method), timeout=60) as answer:
            return int(answer.status), answer.read()
    except HTTPError as error:
        return error.code, error.read()


def with_httpx(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Keeps the connection."""
    answer = httpx.request(method, url, headers=headers, content=body, timeout=60)
    return answer.status_code, answer.content


def with_curl(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Asks first whether it may send; told not to here, it sends at once."""
    options = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
    command = [
        "curl",
        "-sS",
        "-X",
        method,
        url,
        *options,
        "-H",
        "Expect:",
        "--data-binary",
        "@-",
        "-w",
        "\n%{http_code}",
    ]
    done = subprocess.run(command, input=body, capture_output=True, check=True, timeout=60)
    answer, _, status = done.stdout.rpartition(b"\n")
    return int(status), answer


def in_chunks(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Does not say how much will come."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=60)
    parts = (body[start : start + MB] for start in range(0, len(body), MB))
    connection.request(method, address.path, parts, {**headers, "Connection": "close"}, encode_chunked=True)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server on a port."""
    with serving_live(offline_settings(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture(scope="module")
def ada(api: Api) -> dict[str, str]:
    """The headers of a user."""
    return api.user().headers


@pytest.mark.parametrize("client", [with_urllib, with_httpx, pytest.param(with_curl, marks=NEEDS_CURL), in_chunks])
@pytest.mark.parametrize("size", [MB + 1, 45 * MB])
def test_whoever_may_not_send_it_is_told_so(api: Api, ada: dict[str, str], client: Client, size: int) -> None:
    """Without a token, and with a body that is too large for its address."""
    base = str(api.client.base_url)
    refused = client("PUT", f"{base}{TEXT}", JSON, bytes(size))
    too_large = client("POST", f"{base}{PROCESS}", {**JSON, **ada}, bytes(size))

    assert (401, "NOT_AUTHENTICATED") == (refused[0], _code(refused[1]))
    assert (413, "TOO_LARGE") == (too_large[0], _code(too_large[1]))


@pytest.mark.parametrize("size", [MB + 1, 45 * MB, 52 * MB])
def test_the_answer_passes_the_documented_proxy(api: Api, ada: dict[str, str], tmp_path: Path, size: int) -> None:
    """It would make a 502 of an answer whose connection breaks; what is larger than it takes, it refuses itself."""
    with nginx(str(api.client.base_url), tmp_path) as proxy:
        refused = with_urllib("PUT", f"{proxy}{TEXT}", JSON, bytes(size))
        too_large = with_urllib("POST", f"{proxy}{PROCESS}", {**JSON, **ada}, bytes(size))

    assert [refused[0], too_large[0]] == ([413, 413] if size > 51 * MB else [401, 413])


def test_the_documented_proxy_logs_no_permission_to_listen(api: Api, tmp_path: Path) -> None:
    """It is in the query of a `listen_url`."""
    path = "/api/v1/chapters/0f8b5d1e-0000-4000-8000-000000000000/audio"
    with nginx(str(api.client.base_url), tmp_path) as proxy:
        assert httpx.get(f"{proxy}{path}?listener=ada&expires=1&signature=secret").status_code == 401
        [line] = wait_for((tmp_path / "access.log").read_text).splitlines()

    assert f'"GET {path}" 401' in line
    assert "secret" not in line


@contextmanager
def nginx(upstream: str, folder: Path) -> Iterator[str]:
    """Run nginx as docs/how-to/run-a-server.md configures it, before this server; skips where it is not installed."""
    program = which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    page = (ROOT / "docs/how-to/run-a-server.md").read_text()
    location, logging = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{'' if os.geteuid() else 'user root; '}daemon off; pid {folder}/pid; error_log {folder}/errors; "
        f"events {{}} http {{ {logging.replace('/var/log/nginx', str(folder))}"
        f"client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/f; "
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port};\n"
        f"{location.replace('http://127.0.0.1:8000', upstream)}}} }}"
    )
    folder.chmod(0o755)
    with subprocess.Popen([program, "-c", configuration, "-e", folder / "errors"]) as process:
        try:
            wait_for(lambda: is_listening("127.0.0.1", port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_refused_attempts_and_other_types_are_told_so(api: Api) -> None:
    """A login with a body that no login has."""
    url, here = f"{api.client.base_url}{LOGIN}", {**JSON, HEADER: "192.0.2.9"}
    other = with_urllib("POST", url, {HEADER: "192.0.2.8", "Content-Type": "text/plain"}, bytes(MB // 2))
    for _ in range(PER_ADDRESS.amount):
        with_urllib("POST", url, here, b"{}")
    limited = with_urllib("POST", url, here, bytes(5 * MB))

    assert 415 == other[0]
    assert (429, "RATE_LIMITED") == (limited[0], _code(limited[1]))


def test_a_connection_is_used_again(api: Api) -> None:
    """What was dropped is not taken for the next request."""
    with httpx.Client(base_url=api.client.base_url, timeout=60) as client:
        answers = [client.put(TEXT, content=bytes(5 * MB)), client.get("/health/live")]

    assert [401, 200] == [answer.status_code for answer in answers]


@NEEDS_CURL
def test_whoever_asks_first_need_not_send_anything(api: Api, tmp_path: Path) -> None:
    """`Expect: 100-continue`, as curl sends it with large files."""
    file = tmp_path / "large"
    file.write_bytes(bytes(20 * MB))
    command = [
        "curl",
        "-sS",
        "--expect100-timeout",
        "60",
        "-T",
        file,
        f"{api.client.base_url}{TEXT}",
        "-H",
        "Expect: 100-continue",
    ]
    done = subprocess.run(
        [*command, "-w", "\n%{http_code} %{size_upload}"], capture_output=True, check=True, timeout=60
    )

    assert b"401 0" == done.stdout.splitlines()[-1]


def _code(body: bytes) -> str:
    return str(json.loads(body)["error"]["code"])
