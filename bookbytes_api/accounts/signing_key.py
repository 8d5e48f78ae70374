"""The key that signs tokens."""

import os
import secrets
from pathlib import Path

from filelock import FileLock

from bookbytes_pipeline.domain.errors import StoreUnavailable
from bookbytes_pipeline.settings import MIN_JWT_SECRET_CHARS, Settings


def signing_secret(settings: Settings) -> str:
    """Return the key of the settings, else a random one that the first start stores readable for this user only.

    Raises `StoreUnavailable` if it cannot be stored.
    """
    if settings.jwt_secret_key:
        return settings.jwt_secret_key.get_secret_value()
    path = settings.bookbytes_home / "jwt_secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=60):
            if not path.exists():
                _write(path, secrets.token_hex(32))
            return _read(path)
    except OSError as error:
        raise StoreUnavailable(
            f"The key that signs tokens cannot be stored in {path}: {error.strerror}. "
            "Check BOOKBYTES_HOME and who may write there, or set JWT_SECRET_KEY."
        ) from error


def _read(path: Path) -> str:
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < MIN_JWT_SECRET_CHARS["HS512"]:
        raise StoreUnavailable(
            f"{path} does not hold the key that signs tokens. Delete it; everybody then logs in again."
        )
    return secret


def _write(path: Path, secret: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    partial.replace(path)
