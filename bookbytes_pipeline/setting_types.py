"""The types of settings: the message of each error says what the value should be."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("a web address such as https://example.org")
    return value.rstrip("/")


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


WebAddress = Annotated[str, AfterValidator(_web_address)]
DatabaseURL = Annotated[str, AfterValidator(_database_url)]
ValkeyURL = Annotated[str, AfterValidator(_valkey_url)]
KeyPrefix = Annotated[str, AfterValidator(_key_prefix)]
Key = Annotated[SecretStr, AfterValidator(_key)]
FolderPath = Annotated[Path, AfterValidator(Path.expanduser)]
EmptyAsNone = BeforeValidator(_empty_is_none)
CallLimit = Annotated[int, Field(ge=1, le=64)]
Port = Annotated[int, Field(ge=1, le=65535)]
