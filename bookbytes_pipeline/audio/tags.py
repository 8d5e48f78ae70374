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
    language = iso_639_2(tags.language)
    frames = (
        text_frame("TIT2", tags.title)
        + text_frame("TALB", tags.album)
        + text_frame("TPE1", tags.artist)
        + text_frame("TRCK", f"{tags.track}/{tags.tracks}")
        + text_frame("TCON", GENRE)
        + text_frame("TLAN", language)
        + text_frame("TCOM", tags.narrator)
        + frame("TXXX", UTF_8 + words("ISBN") + words(tags.isbn))
        + frame("COMM", UTF_8 + language.encode() + words("") + words(COMMENT))
        + picture_frame(tags.cover)
    )
    return b"ID3\x04\x00\x00" + size(len(frames)) + frames


def text_frame(name: str, text: str) -> bytes:
    """A frame that is one text."""
    return frame(name, UTF_8 + words(text))


def picture_frame(cover: bytes | None) -> bytes:
    """The frame with the cover, a JPEG; nothing where there is none."""
    return frame("APIC", UTF_8 + words("image/jpeg") + FRONT_COVER + words("") + cover) if cover else b""


def frame(name: str, content: bytes) -> bytes:
    """A frame of any kind."""
    return name.encode() + size(len(content)) + b"\x00\x00" + content


def words(text: str) -> bytes:
    """A text as it ends in a frame."""
    return text[:MAX_WORDS_CHARS].replace("\x00", "").encode(errors="replace") + b"\x00"


def size(length: int) -> bytes:
    """Four bytes of seven bits each, so that no size looks like the start of sound."""
    return bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))


def iso_639_2(language: str) -> str:
    """Return the three letters of a BCP 47 tag's language, `XXX` where it has none."""
    try:
        return Language.get(language).to_alpha3()
    except (LookupError, ValueError):
        return NO_LANGUAGE
