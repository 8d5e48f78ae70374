"""Passwords, kept as Argon2id hashes with the library's recommended cost."""

from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_CONCURRENT_HASHES = Semaphore(4)
"""Each hash takes 64 MB and a core."""
_UNKNOWN_USER_HASH = _HASHER.hash("the password of no user")


def hashed(password: str) -> str:
    """Return the hash to store."""
    with _CONCURRENT_HASHES:
        return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether the password matches the stored hash; without a hash (None) a refusal takes as long."""
    try:
        with _CONCURRENT_HASHES:
            return _HASHER.verify(password_hash or _UNKNOWN_USER_HASH, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash has another cost than the current one and should be replaced."""
    return _HASHER.check_needs_rehash(password_hash)
