"""Links inside an EPUB."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from bookbytes_pipeline.domain.errors import UnreadableBook

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_UNSAFE = re.compile(r"^/|\\|^[A-Za-z]:|\x00")


@dataclass(frozen=True, slots=True)
class Href:
    """A file of the archive, and an element's id in it; `fragment` is empty for the whole file."""

    path: str
    fragment: str = ""


def resolve(base: str, href: str) -> Href | None:
    """Return what `href`, written in the file `base`, points at; None for an address outside the book.

    Raises `UnreadableBook` for a path that leaves the archive: absolute, with a backslash or a drive letter, or
    climbing above its root.
    """
    href = href.strip()
    if href.lower().startswith("file:"):
        raise _outside(href)
    if _SCHEME.match(href) or href.startswith("//"):
        return None
    file, _, fragment = href.partition("#")
    path = unquote(file.partition("?")[0])
    if not is_safe(path):
        raise _outside(href)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    if target.startswith("../") or target in {"..", "."}:
        raise _outside(href)
    return Href(target, unquote(fragment))


def is_safe(path: str) -> bool:
    """Return whether `path` is relative, with forward slashes and without a drive letter."""
    return not _UNSAFE.search(path)


def _outside(href: str) -> UnreadableBook:
    return UnreadableBook(
        f"The book asks for a file outside itself ({href[:80]!r}). Such paths are refused: attach a clean EPUB."
    )
