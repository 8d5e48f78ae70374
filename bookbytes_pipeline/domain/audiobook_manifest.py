"""A book's manifest for players: Readium's profile for audiobooks, and W3C's Audiobooks.

https://readium.org/webpub-manifest/profiles/audiobook and https://www.w3.org/TR/audiobooks/
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bookbytes_pipeline.domain.book_file import BookFileContents

READIUM_PROFILE = "https://readium.org/webpub-manifest/profiles/audiobook"
READIUM_MEDIA_TYPE = "application/audiobook+json"
W3C_PROFILE = "https://www.w3.org/TR/audiobooks/"
_CLIP_TYPE, _COVER_TYPE = "audio/mpeg", "image/jpeg"
_DESCRIPTION = "A summary of every chapter. Words and voice are machine-generated."


@dataclass(frozen=True, slots=True)
class Described:
    """What both manifests say: the book's contents, its `uri`, who speaks if that is known, and where things are.

    `clips` are the addresses of the clips in the order of the chapters, `cover` that of a JPEG file, if there is one.
    """

    contents: BookFileContents
    uri: str
    narrator: str | None
    clips: Sequence[str]
    cover: str | None


def readium_manifest(book: Described, own_address: str | None = None) -> dict[str, Any]:
    """Return Readium's manifest; `own_address` is where the manifest itself is served, if anywhere."""
    contents = book.contents
    metadata: dict[str, Any] = {
        "@type": "https://schema.org/Audiobook",
        "conformsTo": READIUM_PROFILE,
        "identifier": book.uri,
        "title": contents.title,
        "author": contents.author,
        "language": contents.language,
        "duration": round(contents.seconds, 3),
        "abridged": True,
        "description": _DESCRIPTION,
    }
    metadata |= ({"narrator": book.narrator} if book.narrator else {}) | _published(contents, "published")
    manifest: dict[str, Any] = {
        "@context": "https://readium.org/webpub-manifest/context.jsonld",
        "metadata": metadata,
        "links": [{"rel": "self", "href": own_address, "type": READIUM_MEDIA_TYPE}] if own_address else [],
        "readingOrder": _links(book, lambda seconds: round(seconds, 3), "href", "type", "title"),
    }
    if book.cover:
        manifest["resources"] = [{"rel": "cover", "href": book.cover, "type": _COVER_TYPE}]
    return manifest


def w3c_manifest(book: Described) -> dict[str, Any]:
    """Return W3C's manifest, as it stands in a package (`publication.json`)."""
    contents = book.contents
    manifest: dict[str, Any] = {
        "@context": ["https://schema.org", "https://www.w3.org/ns/pub-context"],
        "conformsTo": W3C_PROFILE,
        "type": "Audiobook",
        "id": book.uri,
        "name": contents.title,
        "author": [{"type": "Person", "name": contents.author}],
        "inLanguage": contents.language,
        "abridged": True,
        "description": _DESCRIPTION,
        "accessMode": ["auditory"],
        "accessModeSufficient": [{"type": "ItemList", "itemListElement": ["auditory"]}],
        "readingProgression": "ltr",
        "duration": iso_8601(contents.seconds),
        "readingOrder": _links(book, iso_8601, "url", "encodingFormat", "name", type="LinkedResource"),
    }
    manifest |= _published(contents, "datePublished")
    if book.narrator:
        manifest["readBy"] = [{"type": "Person", "name": book.narrator}]
    if book.cover:
        cover = {"type": "LinkedResource", "rel": ["cover"], "url": book.cover, "encodingFormat": _COVER_TYPE}
        manifest["resources"] = [cover | {"name": "Cover"}]
    return manifest


def iso_8601(seconds: float) -> str:
    """Return a duration as W3C's manifest has it: `PT1H2M3.5S`."""
    minutes, rest = divmod(round(seconds, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{rest:.3f}".rstrip("0").rstrip(".") + "S"


def _links(
    book: Described, duration: Callable[[float], object], address: str, kind: str, name: str, **more: str
) -> list[dict[str, Any]]:
    return [
        more | {address: clip, kind: _CLIP_TYPE, name: chapter.title, "duration": duration(chapter.seconds)}
        for chapter, clip in zip(book.contents.chapters, book.clips, strict=True)
    ]


def _published(contents: BookFileContents, name: str) -> dict[str, str]:
    return {name: contents.date} if contents.date else {}
