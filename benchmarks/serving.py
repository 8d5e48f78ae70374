"""A server of the API in a process of its own, and a client logged in there."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx

from bookbytes_pipeline.settings import Settings
from tests.api.client import PASSWORD, answers, wait_for

EMAIL = "ada@example.org"


@dataclass(frozen=True)
class Server:
    """The process, its client, and the user who is logged in."""

    pid: int
    client: httpx.Client
    user: UUID


@contextmanager
def serving(settings: Settings, env: Mapping[str, str]) -> Iterator[Server]:
    """Serve until the block ends; `env` says the same as `settings`."""
    process = subprocess.Popen([sys.executable, "-m", "bookbytes_api"], env=env, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=60) as client:
            wait_for(lambda: answers(client))
            account = {"email": EMAIL, "password": PASSWORD}
            user = client.post("/api/v1/auth/register", json=account).json()["id"]
            login = client.post("/api/v1/auth/login", json=account).json()
            client.headers["Authorization"] = f"Bearer {login['access_token']}"
            yield Server(process.pid, client, UUID(user))
    finally:
        process.terminate()
        process.wait(40)
