"""What the apps send. They send more, which is ignored; what is read is bounded."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from bookbytes_api.accounts.credentials import MAX_PASSWORD_CHARS
from bookbytes_api.accounts.service import MAX_EMAIL_CHARS
from bookbytes_api.listening.fields import MAX_BATCH, Note
from bookbytes_api.web.strict_json import NO_NULL_BYTES_PATTERN

_Text = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NULL_BYTES_PATTERN)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
_Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=32_503_680_000_000)]
"""Since 1970, up to the year 3000."""


class LoginRequest(msgspec.Struct):
    """An e-mail address and a password, or any name and a personal access token."""

    username: Annotated[str, msgspec.Meta(max_length=MAX_EMAIL_CHARS, pattern=NO_NULL_BYTES_PATTERN)]
    password: Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD_CHARS)]


class DeviceInfo(msgspec.Struct, rename="camel", kw_only=True):
    """The app, and what it runs on."""

    device_id: _Text | None = None
    client_name: _Text | None = None
    client_version: _Text | None = None
    manufacturer: _Text | None = None
    model: _Text | None = None

    @property
    def name(self) -> str:
        """What people are shown: `Readest on Fairphone 5`."""
        device = " ".join(part for part in (self.manufacturer, self.model) if part)
        return " on ".join(part for part in (self.client_name, device) if part)


class PlayRequest(msgspec.Struct, rename="camel", kw_only=True):
    """Who begins to play."""

    device_info: DeviceInfo | None = None
    media_player: _Text | None = None


class SessionSync(msgspec.Struct, rename="camel", kw_only=True):
    """Where a player is, in seconds from the start of the book, and the seconds played since it last said so.

    One that only ends a session says neither.
    """

    current_time: _Seconds | None = None
    time_listened: _Seconds = 0.0


class LocalSession(msgspec.Struct, rename="camel", kw_only=True):
    """A session of a device that was offline; times in milliseconds since 1970. Its id is the device's.

    Its item may have an id that is none of ours: then it alone is refused, not all that came with it.
    """

    id: _Text
    library_item_id: _Text | None = None
    current_time: _Seconds
    time_listening: _Seconds | None = None
    start_time: _Seconds | None = None
    started_at: _Milliseconds | None = None
    updated_at: _Milliseconds | None = None
    device_info: DeviceInfo | None = None


class LocalSessions(msgspec.Struct, rename="camel", kw_only=True):
    """All sessions of a device that was offline."""

    sessions: Annotated[list[LocalSession], msgspec.Meta(max_length=MAX_BATCH)]
    device_info: DeviceInfo | None = None


class ProgressChange(msgspec.Struct, rename="camel", kw_only=True):
    """Where somebody is in a book: by its seconds, else by a share of it from 0 to 1; and whether it is finished."""

    current_time: _Seconds | None = None
    progress: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    is_finished: bool | None = None
    last_update: _Milliseconds | None = None


class ItemProgressChange(ProgressChange, rename="camel", kw_only=True):
    """The same of one of several books."""

    library_item_id: _Text | None = None


class BookmarkChange(msgspec.Struct):
    """A bookmark, by its seconds from the start of the book."""

    time: _Seconds
    title: Note | None = None


class ItemsRequest(msgspec.Struct, rename="camel"):
    """The items that are asked for."""

    library_item_ids: Annotated[list[UUID], msgspec.Meta(max_length=MAX_BATCH)]


def item_id(text: str | None) -> UUID | None:
    """Return the id of an item as an app wrote it; None for what can be none of ours."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def time_of(milliseconds: float | None) -> datetime | None:
    """Return the time that an app wrote as milliseconds."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
