"""Where people reach this server, for addresses that leave it: in feeds, catalogues and playlists."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from bookbytes_pipeline.settings import Settings


def public_address(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> str:
    """Return scheme and host (`https://books.example.org`): `PUBLIC_URL`, else those that the client has used."""
    return settings.public_url or str(request.base_url).rstrip("/")


def local_address(settings: Settings) -> str:
    """Return the same outside a request: `PUBLIC_URL`, else HOST and PORT, as they are reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read
    return settings.public_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
