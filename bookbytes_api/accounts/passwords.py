"""Passwords, kept as Argon2id hashes with the library's recommended cost."""

from threading import Semaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_CONCURRENT_HASHES = Semaphore(4)
"""Each hash takes 64 MB and a core."""
_UNKNOWN_USER_HASH = _HASHER.hash("the password of no user")


def hashed(password: str) -> str:
    """Return the hash to store, of the composed form: keyboards differ in how they send an umlaut or a syllable."""
    with _CONCURRENT_HASHES:
        return _HASHER.hash(normalize("NFC", password))


def matching_form(password_hash: str | None, password: str) -> str | None:
    """Return the form of the password that matches the stored hash, or None.

    Earlier versions stored a password as it was typed, so each form is tried. Without a hash a refusal takes as long.
    """
    forms = dict.fromkeys((normalize("NFC", password), password, normalize("NFD", password)))
    matching = next((form for form in forms if _verifies(password_hash or _UNKNOWN_USER_HASH, form)), None)
    return matching if password_hash is not None else None


def is_outdated(password_hash: str, form: str) -> bool:
    """Return whether the hash has another cost than the current one, or is that of a form which is not composed."""
    return _HASHER.check_needs_rehash(password_hash) or form != normalize("NFC", form)


def _verifies(password_hash: str, form: str) -> bool:
    try:
        with _CONCURRENT_HASHES:
            return _HASHER.verify(password_hash, form)
    except (VerificationError, InvalidHashError):
        return False
