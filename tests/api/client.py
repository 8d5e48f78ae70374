"""The API under test: the real application with a client, and people who use it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from bookbytes_api.app import create_app
from bookbytes_pipeline.library.database import Library
from bookbytes_pipeline.settings import Settings, load_settings

PASSWORD = "correct horse battery"  # noqa: S105 - of people who live as long as a test


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a token."""

    id: str
    email: str
    headers: Mapping[str, str]


@dataclass
class Api:
    """A running application, and a client that keeps nothing between requests."""

    client: TestClient[Litestar]
    settings: Settings

    @property
    def library(self) -> Library:
        """The application's database, opened once more."""
        return Library(self.settings.library_url)

    def person(self, name: str = "ada") -> Person:
        """Register and log in; the first one of a database is an administrator."""
        email = f"{name}@example.org"
        made = self.client.post("/api/v1/auth/register", json={"email": email, "password": PASSWORD})
        assert made.status_code == 201, made.text
        told = self.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        return Person(made.json()["id"], email, {"Authorization": f"Bearer {told.json()['access_token']}"})

    def ask(self, method: str, path: str, person: Person | None = None, **more: Any) -> httpx.Response:
        """Send a request, as this person if one is given."""
        headers = {**(person.headers if person else {}), **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)


def offline_settings(home: Path, database_url: str | None = None, **more: Any) -> Settings:
    """The settings of a machine without network or keys, quiet, whose ports nobody else uses."""
    chosen = {"openlibrary_base_url": None, "llm_provider": "extractive", "tts_provider": "espeak"}
    quiet = {"log_level": "ERROR", "dagster_grpc_port": 1}
    return load_settings(bookbytes_home=home, database_url=database_url, **{**chosen, **quiet, **more})


@contextmanager
def serving_api(settings: Settings) -> Iterator[Api]:
    """The application with its background work, until the block ends."""
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield Api(client, settings)


def code(answer: httpx.Response) -> tuple[int, str]:
    """An error as tests compare it: status and code."""
    return answer.status_code, answer.json()["error"]["code"]
