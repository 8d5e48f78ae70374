"""A playlist of a book's clips, as players read it beside them (extended M3U in UTF-8)."""

from collections.abc import Iterable

PLAYLIST = ".m3u8"


def playlist(title: str, clips: Iterable[tuple[float, str, str]]) -> str:
    """Return the playlist of clips: of each its seconds, its title, and the name of its file."""
    entries = (f"#EXTINF:{round(seconds)},{_on_one_line(name)}\n{file}\n" for seconds, name, file in clips)
    return f"#EXTM3U\n#PLAYLIST:{_on_one_line(title)}\n{''.join(entries)}"


def _on_one_line(title: str) -> str:
    return " ".join(title.split())
