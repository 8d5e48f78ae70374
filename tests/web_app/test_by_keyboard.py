"""From signing in to sound without a mouse."""

from playwright.sync_api import Locator, Page, expect

from tests.api.client import PASSWORD, Api, User
from tests.web_app.listening import audible_book, expect_place, player, slider

_MAX_TABS = 80
_HAS_FOCUS = "element => element === document.activeElement"


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there; each stop on the way can be seen."""
    for _ in range(_MAX_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate(_HAS_FOCUS):
            return
    raise AssertionError(f"{_MAX_TABS} stops do not lead to {wanted}")


def test_from_signing_in_to_sound(site: Api, ada: User, visitor: Page) -> None:
    """Each control is reached by Tab and works by Enter and Space; in the player, keys seek and stop the sound."""
    audible_book(site.settings, 90)
    visitor.goto("/sign-in")
    tab_to(visitor, visitor.get_by_label("E-mail address"))
    visitor.keyboard.type(ada.email)
    tab_to(visitor, visitor.get_by_label("Password"))
    visitor.keyboard.type(PASSWORD)
    visitor.keyboard.press("Enter")

    expect(visitor.get_by_role("heading", name="Shelf")).to_be_visible()
    tab_to(visitor, visitor.get_by_role("link", name="Skip to the content"))
    visitor.keyboard.press("Enter")
    tab_to(visitor, visitor.get_by_role("searchbox"))
    visitor.keyboard.type("Rivers 90")
    play = visitor.locator("#results").get_by_role("button", name="Rivers 90")
    expect(play).to_have_count(1)
    tab_to(visitor, play)
    visitor.keyboard.press("Enter")

    expect(player(visitor).get_by_role("button", name="Pause")).to_be_visible()
    tab_to(visitor, slider(visitor))
    visitor.keyboard.press("l")
    expect_place(visitor, 30, 40)
    visitor.keyboard.press("k")
    expect(player(visitor).get_by_role("button", name="Play", exact=True)).to_be_visible()
