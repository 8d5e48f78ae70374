"""The API under test: the real application with a client, and its users."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from bookbytes_api.accounts.passwords import hashed
from bookbytes_api.accounts.service import ALL_ACCOUNTS, register
from bookbytes_api.app import create_app, services_of
from bookbytes_api.health.checks import CHECK_TIMEOUT_S
from bookbytes_api.jobs.broadcast import JobBroadcaster
from bookbytes_api.server import Server
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings, load_settings

ResultT = TypeVar("ResultT")

CHECK_TIMED_OUT = f"There was no answer within {CHECK_TIMEOUT_S:g} seconds."
PASSWORD = "correct horse battery"  # noqa: S105 - of users that exist as long as a test


@cache
def _password_hash() -> str:
    return hashed(PASSWORD)


@dataclass(frozen=True)
class User:
    """A user with an account and a token."""

    id: str
    email: str
    headers: Mapping[str, str]


@dataclass
class Api:
    """A running application, and a client that keeps nothing between requests."""

    client: httpx.Client
    settings: Settings
    app: Litestar

    @property
    def origin(self) -> str:
        """Scheme, host and port of a server that `serving_live` has started, as a browser names them."""
        return str(self.client.base_url).rstrip("/")

    @property
    def broadcaster(self) -> JobBroadcaster:
        """The runs that are being watched."""
        return services_of(self.app).broadcaster

    @property
    def database(self) -> Database:
        """The application's database, opened a second time."""
        return Database(self.settings.library_url)

    def user(self, name: str = "ada") -> User:
        """A user with a token; the first one of a database is an administrator.

        Created without HTTP, because hashing a password takes a tenth of a second of CPU time. Registration and login
        have tests of their own, which use the API.
        """
        email = f"{name}@example.org"
        with closing(self.database) as database, database.session(ALL_ACCOUNTS) as session:
            user_id = register(session, email, _password_hash()).id
        token = services_of(self.app).tokens.new(user_id)
        return User(str(user_id), email, {"Authorization": f"Bearer {token}"})

    def registered_user(self, name: str = "ada") -> User:
        """The same through the API: register, then log in."""
        email = f"{name}@example.org"
        registered = self.client.post("/api/v1/auth/register", json={"email": email, "password": PASSWORD})
        assert registered.status_code == 201, registered.text
        login = self.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        return User(registered.json()["id"], email, {"Authorization": f"Bearer {login.json()['access_token']}"})

    def readiness(self) -> httpx.Response:
        """What `/health/ready` says once each check has answered: the first answers take long on a busy machine."""

        def answered() -> httpx.Response | None:
            response = self.client.get("/health/ready")
            return None if CHECK_TIMED_OUT in response.json()["checks"].values() else response

        return wait_for(answered)

    def ask(self, method: str, path: str, user: User | None = None, **more: Any) -> httpx.Response:
        """Send a request, as this user if one is given."""
        headers = {**(user.headers if user else {}), **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)


def offline_settings(home: Path, database_url: str | None = None, **more: Any) -> Settings:
    """The settings of a machine without network or keys, quiet, whose ports nothing else uses."""
    chosen = {"openlibrary_base_url": None, "llm_provider": "extractive", "tts_provider": "espeak"}
    quiet = {"log_level": "ERROR", "dagster_grpc_port": 1}
    return load_settings(bookbytes_home=home, database_url=database_url, **{**chosen, **quiet, **more})


@contextmanager
def serving_api(settings: Settings) -> Iterator[Api]:
    """The application with its background work, until the block ends."""
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Api(client, settings, app)


@contextmanager
def serving_live(settings: Settings) -> Iterator[Api]:
    """The application behind uvicorn on a loopback port, for what a client in the same process cannot see: streams."""
    chosen = settings.model_copy(update={"port": free_port()})
    app = create_app(chosen)
    server = Server(app, chosen)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(base_url=f"http://127.0.0.1:{chosen.port}", timeout=30, limits=limits) as client:
        wait_for(lambda: server.started)
        try:
            yield Api(client, chosen, app)
        finally:
            server.should_exit = True
            thread.join(40)
    assert not thread.is_alive()


def answers(client: httpx.Client) -> bool:
    """Whether the API accepts the client's requests yet."""
    try:
        return client.get("/health/live").is_success
    except httpx.TransportError:
        return False


def wait_for(poll: Callable[[], ResultT | None], seconds: float = 180) -> ResultT:
    """The first true result of `poll`, which is called less and less often: calls take time from what is waited for."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < seconds:
        if result := poll():
            return result
        time.sleep(min(0.02 + waited / 20, 0.5))
    raise TimeoutError


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def code(answer: httpx.Response) -> tuple[int, str]:
    """An error as tests compare it: status and code."""
    return answer.status_code, answer.json()["error"]["code"]
