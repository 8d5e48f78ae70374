"""Who has an account, for administrators."""

from typing import Annotated

from litestar import MediaType, Router, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bookbytes_api.accounts.guards import require_account_manager
from bookbytes_api.people.queries import list_people
from bookbytes_api.web.access import LOGIN_ONLY
from bookbytes_api.web_app.rendering import Page, PageTemplate
from bookbytes_pipeline.db.database import Database

_PAGE_SIZE = 20
_Number = Annotated[int, QueryParameter(ge=1, le=100_000)]


@get("/people", media_type=MediaType.HTML, sync_to_thread=True)
def people_page(
    page: NamedDependency[Page], database: NamedDependency[Database], number: _Number = 1
) -> PageTemplate:
    """The accounts by address, and what may be changed about them."""
    with database.session() as session:
        people, total = list_people(session, (number - 1) * _PAGE_SIZE, _PAGE_SIZE)
    return page.render("people.html", people=people, number=number, size=_PAGE_SIZE, total=total)


router = Router("/", route_handlers=[people_page], guards=[require_account_manager], opt={LOGIN_ONLY: True})
