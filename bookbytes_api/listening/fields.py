"""Fields that several requests about listening have."""

from datetime import datetime
from typing import Annotated

import msgspec

from bookbytes_api.listening.models import MAX_DEVICE_CHARS, MAX_NOTE_CHARS
from bookbytes_api.listening.sessions import MAX_SESSION_S
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN

MAX_BATCH = 500
"""Positions or sessions of a device that was offline, in one request."""
_MAX_CHAPTER, _MAX_SECONDS = 100_000, 1_000_000.0

ChapterNumber = Annotated[int, msgspec.Meta(ge=1, le=_MAX_CHAPTER)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=_MAX_SECONDS)]
SecondsListened = Annotated[float, msgspec.Meta(ge=0, le=MAX_SESSION_S)]
Device = Annotated[
    str, msgspec.Meta(max_length=MAX_DEVICE_CHARS, pattern=NO_NULL_BYTES_PATTERN, examples=["Ada's phone"])
]
Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE_CHARS, pattern=NO_NULL_BYTES_PATTERN)]
ClientTime = Annotated[datetime, msgspec.Meta(tz=True)]
UTCOffset = Annotated[int, msgspec.Meta(ge=-14 * 60, le=14 * 60)]
