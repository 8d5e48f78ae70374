"""Errors as pages for people, and as before for programs."""

from tests.api.client import Api, User

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_an_address_without_a_page_is_said_on_a_page(running: Api) -> None:
    """Also to those who are not signed in; below `/api`, and to programs, it is the usual error."""
    page = running.client.get("/nowhere", headers=BROWSER)

    assert (404, True) == (page.status_code, "There is nothing at this address." in page.text)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for path, headers in (("/nowhere", {}), ("/api/v1/nowhere", BROWSER)):
        assert "NOT_FOUND" == running.client.get(path, headers=headers).json()["error"]["code"]


def test_a_page_of_an_error_leads_on(running: Api, ada: User) -> None:
    """With where to go on, and the number of the request only where the server is at fault."""
    page = running.ask("GET", "/nowhere", ada, headers=BROWSER)

    assert "Back to the shelf" in page.text
    assert page.headers["X-Request-ID"] not in page.text
