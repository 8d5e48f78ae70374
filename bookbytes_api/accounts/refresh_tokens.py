"""Refresh tokens: what a client keeps to get the next access token of its session without the password."""

import hmac
from hashlib import sha256
from uuid import UUID

import jwt

MAX_REFRESH_TOKEN_CHARS = 1000
_PURPOSE = b"refresh token"
_ALGORITHM = "HS256"
_SESSION, _GENERATION = "sid", "gen"


class RefreshTokens:
    """Signs refresh tokens, each for one session and one generation of it, and knows its own.

    The key is derived from the one that signs access tokens, so that neither token is of any use as the other. The same
    generation always has the same token: nothing about it has to be kept, and an answer can be repeated.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, sha256)

    def sign(self, session_id: UUID, generation: int) -> str:
        """Return the token of this generation of a session."""
        return jwt.encode({_SESSION: session_id.hex, _GENERATION: generation}, self._key, _ALGORITHM)

    def read(self, token: str) -> tuple[UUID, int] | None:
        """Return the session and the generation that a token was signed for; None for any other text."""
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM], options={"require": [_SESSION, _GENERATION]})
        except jwt.InvalidTokenError:
            return None
        return UUID(claims[_SESSION]), claims[_GENERATION]
