"""Where a library's database is: as it is set, and as people may see it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bookbytes_pipeline.domain.errors import InvalidSettings


def parsed(url: str) -> URL:
    """A database's URL in its parts; raises `InvalidSettings`, which does not show the URL because of its password."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidSettings("DATABASE_URL is no database's URL: is the port a number?") from None
    if "@" in (parts.host or ""):
        raise InvalidSettings("DATABASE_URL has one @ too many: in the password, write %40 for it.")
    return parts


def shown(url: URL) -> str:
    """The URL without its password, and without its query, where a password may stand too."""
    return url.set(query={}).render_as_string(hide_password=True)
