"""Addresses of clips with permission to listen in them, for players that cannot send a header."""

import hmac
import time
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from litestar.di import NamedDependency

from bookbytes_api.accounts.user import User
from bookbytes_api.errors import NotAuthenticated

Sign = Callable[[str], str | None]
"""Makes the address of a clip one at which whoever asks can listen without a header; None for those who may not."""

LISTENER, EXPIRES, SIGNATURE = "listener", "expires", "signature"
"""The parameters of an address: whose permission it is, until when (seconds since 1970), and what proves both."""

LIFETIME_S = 86_400
"""A day: whoever pauses in the evening goes on in the morning with the same address."""
ROUNDED_TO_S = 3_600
"""Whoever asks twice within an hour is given the same address, so that players and caches know it again."""
_PURPOSE = b"listen url"


class ListenURLs:
    """Signs addresses, each for one clip, one person and a day, and knows its own.

    The key is derived from the one that signs tokens, so that neither signature is of any use for the other.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, sha256)

    def sign(self, path: str, user_id: UUID, now: float | None = None, revocations: int = 0) -> str:
        """Return the address at which this user can listen to the clip at `path` for a day from `now`.

        It ends before that when the account's `revocations` are no longer these.
        """
        latest = (time.time() if now is None else now) + LIFETIME_S
        expires = int(latest // ROUNDED_TO_S + 1) * ROUNDED_TO_S
        signature = self._signature(path, str(user_id), str(expires), revocations)
        return f"{path}?{urlencode({LISTENER: user_id, EXPIRES: expires, SIGNATURE: signature})}"

    def require_signed(self, path: str, query: Mapping[str, str], revocations: int) -> None:
        """Raise `NotAuthenticated` unless the address is one that `sign` returned less than a day ago."""
        expires = query.get(EXPIRES, "")
        expected = self._signature(path, query.get(LISTENER, ""), expires, revocations)
        if not hmac.compare_digest(expected.encode(), query.get(SIGNATURE, "").encode()):
            raise NotAuthenticated(
                "This address was changed, cut off or revoked. Get the chapter again for a new `listen_url`."
            )
        if int(expires) < time.time():
            raise NotAuthenticated("This address has expired. Get the chapter again for a new `listen_url`.")

    def _signature(self, path: str, listener: str, expires: str, revocations: int) -> str:
        signed = f"{path}\n{listener}\n{expires}\n{revocations}"
        return hmac.digest(self._key, signed.encode(), sha256).hex()


def listener_of(query: Mapping[str, str]) -> UUID:
    """Return whose permission an address says that it has, which is for `require_signed` to prove."""
    try:
        return UUID(query.get(LISTENER, ""))
    except ValueError:
        raise NotAuthenticated("This address was changed. Get the chapter again for a new `listen_url`.") from None


def sign_for_user(user: NamedDependency[User], listen_urls: NamedDependency[ListenURLs]) -> Sign:
    """Return what signs addresses for the user who sent the request, as far as this user may listen."""
    if not user.may_listen:
        return lambda _path: None
    return partial(listen_urls.sign, user_id=user.id, revocations=user.revocations)
