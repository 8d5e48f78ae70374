"""Books with sound that a browser can play, and what a person sees and hears of the player."""

import re
from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

from bookbytes_pipeline.settings import Settings
from tests.api.factories import numbered_book, publish_book
from tests.fakes.sound import mp3

LONG_S, SHORT_S = 60, 2


def audible_book(settings: Settings, number: int, seconds: tuple[float | None, ...] = (LONG_S,), **more: Any) -> UUID:
    """Publish a book of its own for each number, with chapters of these lengths; None is one without sound."""
    lengths = dict(zip(("Springs", "Rapids", "Deltas"), seconds, strict=False))
    chapters = {title: None if length is None else mp3(length) for title, length in lengths.items()}
    return publish_book(settings, numbered_book(number, title=f"Rivers {number}"), chapters, **more)


def listen(page: Page, book: UUID, chapter: int = 1) -> None:
    """Open the page of a chapter, and press Listen."""
    page.goto(f"/books/{book}/chapters/{chapter}")
    page.get_by_role("button", name="Listen").click()
    expect(player(page).get_by_role("button", name="Pause", exact=True)).to_be_visible()


def player(page: Page) -> Locator:
    """The player at the end of the page."""
    return page.get_by_role("region", name="Player")


def slider(page: Page) -> Locator:
    """Where the player is in its chapter."""
    return page.get_by_role("slider", name="Place in the chapter")


def expect_place(page: Page, first: int, last: int) -> None:
    """Wait until the slider says that so many seconds of the chapter, less than a minute, have been heard."""
    numbers = "|".join(map(str, range(first, last + 1)))
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(f"^({numbers}) seconds? of "))


def sound(page: Page, what: str) -> Any:
    """A property of the page's `<audio>` once it knows its clip: `currentTime`, `playbackRate`."""
    return page.evaluate(f"""async () => {{
        const audio = document.querySelector("audio");
        if (audio.readyState === 0) {{
            await new Promise((resolve) => audio.addEventListener("loadedmetadata", resolve));
        }}
        return audio.{what};
    }}""")


def resumed_at(page: Page) -> float:
    """The second at which the page's `<audio>` is, once it has gone to the place that the slider shows already."""
    return float(
        page.evaluate("""async () => {
            const audio = document.querySelector("audio");
            if (audio.currentTime === 0) {
                await new Promise((resolve) => audio.addEventListener("seeked", resolve, { once: true }));
            }
            return audio.currentTime;
        }""")
    )
