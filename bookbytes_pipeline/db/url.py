"""The URL of a database: checked, and without its secrets."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bookbytes_pipeline.domain.errors import InvalidSettings


def parse_url(url: str) -> URL:
    """Parse a database's URL; raise `InvalidSettings`, which does not show the URL because of its password."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidSettings("DATABASE_URL is no database's URL: is the port a number?") from None
    if "@" in (parts.host or ""):
        raise InvalidSettings("DATABASE_URL has one @ too many: in the password, write %40 for it.")
    return parts


def redacted_url(url: URL) -> str:
    """Return the URL without its password, and without its query, where a password may stand too.

    The path of a SQLite file is shown as people write it, without escapes.
    """
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    return url.set(query={}).render_as_string(hide_password=True)
