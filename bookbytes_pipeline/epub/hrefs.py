"""Links inside an EPUB."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

_ADDRESS = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+:", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Href:
    """A file of the archive, and an element's id in it; `fragment` is empty for the whole file.

    `path` begins with a slash if the link does: it counts from the root of the archive, or of the book's own folder.
    """

    path: str
    fragment: str = ""


def resolve(base: str, href: str) -> Href | None:
    """Return what `href`, written in the file `base`, points at; None for what is outside the book.

    Outside are web addresses, `file:` addresses, drive letters and paths that climb above the root.
    """
    href = href.strip().replace("\\", "/")
    if _SCHEME.match(href) or href.startswith("//"):
        return None
    file, _, fragment = href.partition("#")
    path = unquote(file.partition("?")[0]).replace("\\", "/")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    return Href(target, unquote(fragment)) if is_safe(target.removeprefix("/")) else None


def is_elsewhere(href: str) -> bool:
    """Return whether `href` is an address on the web or the like, and so no part of any book."""
    return href.strip().startswith("//") or bool(_ADDRESS.match(href.strip()))


def is_safe(path: str) -> bool:
    """Return whether `path` names something inside: relative, without a drive letter, and not above its start."""
    outside = path.startswith(("/", "../")) or path in {"", ".", ".."} or "/../" in path or path.endswith("/..")
    return not outside and not _SCHEME.match(path.partition("/")[0]) and "\0" not in path
