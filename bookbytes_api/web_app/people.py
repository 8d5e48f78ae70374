"""Who has an account, and what everybody asked for; for administrators."""

from litestar import MediaType, Router, get
from litestar.di import NamedDependency

from bookbytes_api.accounts.guards import require_account_manager
from bookbytes_api.people.queries import list_people
from bookbytes_api.people.requests import list_requests
from bookbytes_api.runs.reader import RunReader
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web.pagination import PageNumber
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_api.web_app.request_wording import STATUSES
from bookbytes_pipeline.db.database import Database

_SIZE = 20


@get("/people", media_type=MediaType.HTML, sync_to_thread=True)
def people_page(
    page: NamedDependency[Page], database: NamedDependency[Database], number: PageNumber = 1
) -> PageTemplate:
    """The accounts by address, and what may be changed about them."""
    with database.session() as session:
        people, total = list_people(session, (number - 1) * _SIZE, _SIZE)
    return page.render("people.html", people=people, number=number, size=_SIZE, total=total)


@get("/people/requests", media_type=MediaType.HTML, sync_to_thread=True)
def requests_page(
    page: NamedDependency[Page],
    database: NamedDependency[Database],
    runs: NamedDependency[RunReader],
    number: PageNumber = 1,
) -> PageTemplate:
    """All requests, the newest first, with what they cost."""
    requests, total = list_requests(database, runs, page.settings, (number - 1) * _SIZE, _SIZE)
    return page.render(
        "people_requests.html", requests=requests, statuses=STATUSES, number=number, size=_SIZE, total=total
    )


router = Router(
    "/", route_handlers=[people_page, requests_page], guards=[require_account_manager], opt={LOGIN_ONLY: True}
)
