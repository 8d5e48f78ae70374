"""The part of the application's state that guards and middleware read; handlers have their dependencies injected."""

from dataclasses import dataclass

from litestar import Litestar

from bookbytes_api.accounts.attempts import Attempts
from bookbytes_pipeline.settings import Settings


@dataclass(frozen=True)
class AccountState:
    """What decides who may do what, and how often. The application's `Services` are one."""

    settings: Settings
    attempts: Attempts


def account_state(app: Litestar) -> AccountState:
    """Return this part of the application's state."""
    state: AccountState = app.state.services
    return state
