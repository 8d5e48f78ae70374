"""One's own account: password, devices, apps, and the time listened; and the page of a reset link."""

from datetime import UTC, date, datetime, timedelta

from litestar import MediaType, Router, get
from litestar.di import NamedDependency

from bookbytes_api.accounts.personal_tokens import TokenScope, tokens_of
from bookbytes_api.accounts.schemas import LoginSession
from bookbytes_api.accounts.session_rows import sessions_of
from bookbytes_api.accounts.user import User
from bookbytes_api.listening.days import seconds_by_day
from bookbytes_api.web.access import NO_AUTH
from bookbytes_api.web_app.addresses import RESET
from bookbytes_api.web_app.devices import device_name
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database

_DAYS_SHOWN = 28
_SCOPES = {
    TokenScope.LISTEN: "sees the library and plays it",
    TokenScope.READ: "sees the library, plays nothing",
    TokenScope.MAKE: "sees and plays the library, and asks for books",
}
"""What tokens allow, in words; first what most apps need."""


@get("/account", media_type=MediaType.HTML, sync_to_thread=True)
def account_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],
    database: NamedDependency[Database],
    public_address: NamedDependency[str],
) -> PageTemplate:
    """All that somebody sees and changes of the own account."""
    today = datetime.now(UTC).date()
    with database.session() as session:
        sessions = [LoginSession.from_row(row, user.session_id) for row in sessions_of(session, user.id)]
        tokens = [(row, _SCOPES[TokenScope(row.scope)]) for row in tokens_of(session, user.id)]
        listened = dict(seconds_by_day(session, user.id, today - timedelta(days=_DAYS_SHOWN - 1), today))
    audiobookshelf = public_address if page.settings.abs_api else f"{public_address}/audiobookshelf"
    return page.render(
        "account.html",
        sessions=[(each, device_name(each.device)) for each in sessions],
        tokens=tokens,
        scopes={scope.value: words for scope, words in _SCOPES.items()},
        days=_all_days(listened, today),
        catalogue_address=f"{public_address}/opds",
        audiobookshelf_address=audiobookshelf,
    )


@get(RESET, media_type=MediaType.HTML, opt={NO_AUTH: True}, sync_to_thread=False)
def reset_page(page: NamedDependency[Page]) -> PageTemplate:
    """The form for a new password; the token of the link is in its fragment, which no server gets to know."""
    return page.render("reset.html")


def _all_days(listened: dict[date, float], today: date) -> list[tuple[date, float]]:
    """Return the seconds of each day up to today, also of those without any."""
    days = [today - timedelta(days=ago) for ago in reversed(range(_DAYS_SHOWN))]
    return [(day, listened.get(day, 0.0)) for day in days]


router = Router("/", route_handlers=[account_page, reset_page])
