"""What a clip says about itself: an ID3v2.4 tag.

FFmpeg writes such tags too, but has no comment frame: players would not show that the words are a machine's.
Layout: https://id3.org/id3v2.4.0-structure and https://id3.org/id3v2.4.0-frames
"""

from dataclasses import dataclass

from langcodes import Language

from bookbytes_pipeline.domain.isbn import ISBN

GENRE = "Audiobook"
COMMENT = "AI-generated summary"
NO_LANGUAGE = "XXX"
UTF_8 = b"\x03"
MAX_WORDS_CHARS = 1_000
"""Of a title, an author or a voice."""
FRONT_COVER = b"\x03"


@dataclass(frozen=True, slots=True)
class ClipTags:
    """What a player shows of a clip.

    `track` of `tracks` counts from 1; `language` is a BCP 47 tag; `isbn` has 13 digits; `narrator` is the voice's
    name; `cover` is the bytes of a JPEG file.
    """

    title: str
    album: str
    artist: str
    track: int
    tracks: int
    language: str
    isbn: ISBN
    narrator: str
    cover: bytes | None = None


def id3(tags: ClipTags) -> bytes:
    """The tag as it stands at the head of an MP3 file; long words are cut off, so that it has 28 kB beside its cover.

    Players read what is in front of the sound before they play it.
    """
    language = _iso_639_2(tags.language)
    frames = (
        _text("TIT2", tags.title)
        + _text("TALB", tags.album)
        + _text("TPE1", tags.artist)
        + _text("TRCK", f"{tags.track}/{tags.tracks}")
        + _text("TCON", GENRE)
        + _text("TLAN", language)
        + _text("TCOM", tags.narrator)
        + _frame("TXXX", UTF_8 + _words("ISBN") + _words(tags.isbn))
        + _frame("COMM", UTF_8 + language.encode() + _words("") + _words(COMMENT))
        + _picture(tags.cover)
    )
    return b"ID3\x04\x00\x00" + _size(len(frames)) + frames


def _text(name: str, text: str) -> bytes:
    return _frame(name, UTF_8 + _words(text))


def _picture(cover: bytes | None) -> bytes:
    return _frame("APIC", UTF_8 + _words("image/jpeg") + FRONT_COVER + _words("") + cover) if cover else b""


def _frame(name: str, content: bytes) -> bytes:
    return name.encode() + _size(len(content)) + b"\x00\x00" + content


def _words(text: str) -> bytes:
    return text[:MAX_WORDS_CHARS].replace("\x00", "").encode(errors="replace") + b"\x00"


def _size(length: int) -> bytes:
    """Four bytes of seven bits each, so that no size looks like the start of sound."""
    return bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))


def _iso_639_2(language: str) -> str:
    try:
        return Language.get(language).to_alpha3()
    except (LookupError, ValueError):
        return NO_LANGUAGE
