"""The types of settings: the message of each error says what the value should be."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from bookbytes_pipeline.domain.book_file import BOOK_FILE_FORMATS, BookFileFormat

_OWNER = re.compile(r"team:[\w.-]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")
"""What Dagster takes for the owner of an asset; anything else would stop it with an error of its own."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("a web address such as https://example.org")
    return value.rstrip("/")


def _secret_web_address(value: SecretStr) -> SecretStr:
    plain = value.get_secret_value().strip()
    _web_address(plain)
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        raise ValueError("a web address without spaces, such as https://example.org")
    return SecretStr(plain)


def _formats(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = {name.strip().lower() for name in value.split(",") if name.strip()}
    if not names <= {*BOOK_FILE_FORMATS}:
        raise ValueError(f"formats such as m4b,mp3; there are {', '.join(BOOK_FILE_FORMATS)}")
    return tuple(name for name in BOOK_FILE_FORMATS if name in names)


def _owners(value: object) -> object:
    owners = tuple(owner.strip() for owner in value.split(",")) if isinstance(value, str) else value
    if isinstance(owners, tuple) and not all(_OWNER.fullmatch(str(owner)) for owner in owners):
        raise ValueError("team:books or an e-mail address, several separated by commas")
    return owners


def _origins(value: object) -> object:
    """Origins as browsers send them: in lower case, without a path and without the scheme's own port."""
    if not isinstance(value, str):
        return value
    given = [entry.strip().lower().rstrip("/") for entry in value.split(",") if entry.strip()]
    if not all(map(_ORIGIN.fullmatch, given)):
        raise ValueError("origins such as https://books.example.org, several separated by commas, without *")
    return tuple(map(_without_default_port, given))


def _without_default_port(origin: str) -> str:
    scheme, _, _ = origin.partition(":")
    return origin.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))


def _voices(value: object) -> object:
    """Voices by language, from `de=anna, pt-BR=luis`."""
    if not isinstance(value, str):
        return value
    voices = {}
    for entry in filter(None, map(str.strip, value.split(","))):
        language, _, voice = (part.strip() for part in entry.partition("="))
        if not voice or not _LANGUAGE.fullmatch(language):
            raise ValueError("a voice for each language such as de=anna, pt-BR=luis")
        voices[language.replace("_", "-")] = voice
    return voices


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("sqlite:////srv/bookbytes/library.db, or postgresql+psycopg://user:password@host/database")
    return value


def _valkey_url(value: str) -> str:
    if not value.startswith(("valkey://", "valkeys://")):
        raise ValueError("valkey://:password@host:6379/0, or valkeys:// for TLS")
    return value


def _key_prefix(value: str) -> str:
    parts = value.strip("/").split("/")
    if value and any(part in {"", ".", ".."} or not part.isprintable() for part in parts):
        raise ValueError("a folder inside the bucket such as books/production")
    return "/".join(parts)


def _key(value: SecretStr) -> SecretStr:
    """A key with a Windows line end would be printed, in full, in the HTTP client's error about it."""
    plain = value.get_secret_value().strip()
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        raise ValueError("one line of letters, digits and signs without spaces")
    return SecretStr(plain)


def _path(value: Path) -> Path:
    try:
        path = value.expanduser()
    except RuntimeError:
        raise ValueError("a path; there is no such user") from None
    if any("\ud800" <= letter <= "\udfff" for letter in str(path)):  # what Python makes of other bytes
        raise ValueError("a path in UTF-8")
    return path


WebAddress = Annotated[str, AfterValidator(_web_address)]
SecretWebAddress = Annotated[SecretStr, AfterValidator(_secret_web_address)]
Owners = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_owners)]
BookFiles = Annotated[tuple[BookFileFormat, ...], NoDecode, BeforeValidator(_formats)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
Voices = Annotated[dict[str, str], NoDecode, BeforeValidator(_voices)]
DatabaseURL = Annotated[str, AfterValidator(_database_url)]
ValkeyURL = Annotated[str, AfterValidator(_valkey_url)]
KeyPrefix = Annotated[str, AfterValidator(_key_prefix)]
Key = Annotated[SecretStr, AfterValidator(_key)]
FilePath = Annotated[Path, AfterValidator(_path)]
FolderPath = Annotated[Path, AfterValidator(_path)]
EmptyAsNone = BeforeValidator(_empty_is_none)
CallLimit = Annotated[int, Field(ge=1, le=64)]
Port = Annotated[int, Field(ge=1, le=65535)]
Price = Annotated[float | None, Field(ge=0, le=1_000_000)]
"""US dollars for a million tokens or characters."""
