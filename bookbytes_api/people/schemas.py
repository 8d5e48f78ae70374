"""What administrators see of accounts and change about them."""

from datetime import datetime
from uuid import UUID

import msgspec

from bookbytes_api.web.pagination import Page


class Person(msgspec.Struct):
    """An account: `last_seen_at` is when its sessions or personal access tokens were used, exact to an hour.

    `jobs` counts its requests.
    """

    id: UUID
    email: str
    is_active: bool
    is_admin: bool
    created_at: datetime
    last_seen_at: datetime | None
    jobs: int


class PersonPage(Page[Person], frozen=True):
    """A page of accounts, by address."""


class PersonChange(msgspec.Struct):
    """What changes about an account; what is missing or null stays."""

    is_active: bool | None = None
    is_admin: bool | None = None


class ResetLink(msgspec.Struct):
    """A link for somebody who has forgotten the password, shown this once, for one use until `expires_at`.

    Its page takes a new password and sends it with the `token` to `reset_api_url`, as any other client can.
    """

    reset_url: str
    reset_api_url: str
    token: str
    expires_at: datetime
