"""Books that are kept on a device. Only the browser knows which, so these pages are the same for everybody."""

from litestar import MediaType, Router, get
from litestar.di import NamedDependency

from bookbytes_api.accounts.user import User
from bookbytes_api.web_app.rendering import Page, PageTemplate


@get("/kept", media_type=MediaType.HTML, sync_to_thread=False)
def kept_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],  # noqa: ARG001 - only those who are signed in
) -> PageTemplate:
    """The books on this device, with what each takes."""
    return page.render("kept.html")


@get("/offline", media_type=MediaType.HTML, sync_to_thread=False)
def offline_page(
    page: NamedDependency[Page],
    user: NamedDependency[User],  # noqa: ARG001 - only those who are signed in
) -> PageTemplate:
    """What the service worker shows instead of a page that is not on this device while there is no network."""
    return page.render("offline.html")


router = Router("/", route_handlers=[kept_page, offline_page])
