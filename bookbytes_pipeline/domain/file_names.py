"""Names of files that people see, made of titles."""

MAX_TITLE_CHARS = 80
MAX_NAME_BYTES = 200
"""File systems take 255, and a temporary name is a little longer."""


def safe_name(text: str) -> str:
    """Return the text as a part of a file's name that any file system accepts."""
    return "".join(char if char.isprintable() and char not in r'\/:*?"<>|%' else "_" for char in text)


def clip_name(number: int, title: str) -> str:
    """Return what the clip of a chapter is called, without its ending: `03 The Wheel That Hesitates`."""
    return safe_name(f"{number:02d} {title[:MAX_TITLE_CHARS]}")


def book_name(title: str) -> str:
    """Return what the files of a book are called, without an ending."""
    return safe_name(title[:MAX_TITLE_CHARS])


def file_name(stem: str, ending: str) -> str:
    """Return a name that is short enough for a file, and neither hidden nor empty."""
    short = stem.encode()[: MAX_NAME_BYTES - len(ending)].decode(errors="ignore").strip(" .")
    return f"{short or '_'}{ending}"
