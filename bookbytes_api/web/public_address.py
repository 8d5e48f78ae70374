"""Where people reach this server, for addresses that leave it: in feeds, catalogues and playlists."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from bookbytes_pipeline.settings import Settings


def public_address(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> str:
    """Return scheme and host (`https://books.example.org`): `PUBLIC_URL`, else those that the client has used."""
    return settings.public_url or str(request.base_url).rstrip("/")
