"""Where pages are."""

SIGN_IN, SIGN_UP, SIGN_OUT, RESET = "/sign-in", "/sign-up", "/sign-out", "/reset"


def page_of_this_server(wanted: str) -> str:
    """Return where a page leads after signing in: the page that was asked for, else the shelf.

    Whatever else somebody put into the link is not followed: it may be another site that looks like this one.
    """
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_path and wanted.isprintable() else "/"


def unsigned(_path: str) -> None:
    """Sign no address (`listen_urls.Sign`): in pages the browser's cookie is the permission."""
