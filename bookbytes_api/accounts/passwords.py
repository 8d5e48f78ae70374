"""Passwords, kept as Argon2id hashes with the library's recommended cost."""

from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_AT_ONCE = Semaphore(4)
"""Each hash takes 64 MB and a core."""
_NOBODYS = _HASHER.hash("the password of nobody")


def hashed(password: str) -> str:
    """The hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one whose hash is kept; for nobody (None) it takes as long to say no."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(kept or _NOBODYS, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made at another cost than today's and should be made again."""
    return _HASHER.check_needs_rehash(kept)
