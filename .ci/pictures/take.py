"""Takes the pictures of the web app that the documents show, into `docs/pictures`: run it when pages have changed."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from library import LIGHTHOUSE, SENTENCES, fill
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.api.client import Api, User, offline_settings, serving_live
from tests.web_app.browser import DESKTOP, chromium, sign_in, visiting

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MAX_BYTES = 150_000
COLOURS = (256, 128, 64, 32)
"""As many as a picture may have to stay below that."""
SIZES: Mapping[str, tuple[ViewportSize, float]] = {"phone": ({"width": 390, "height": 780}, 2), "desktop": (DESKTOP, 1)}


def main() -> None:
    """Take each picture on a phone and on a desktop, light and dark."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as home, chromium() as browser:
        _quiet_dagster(Path(home))
        with serving_live(offline_settings(Path(home) / "library")) as api:
            book, ada = fill(api), api.user("ada")
            for size in SIZES:
                for colours in ("light", "dark"):
                    _listen(api, ada, book)
                    _take_all(browser, api, ada, book, size, colours)


def _take_all(browser: Browser, api: Api, ada: User, book: str, size: str, colours: str) -> None:
    subjects: Mapping[str, Callable[[Page, str], None]] = {"shelf": _shelf, "book": _book, "player": _player}
    viewport, scale = SIZES[size]
    how = {"viewport": viewport, "device_scale_factor": scale, "color_scheme": colours}
    for name, open_page in subjects.items():
        with visiting(browser, api.origin, **how) as page:
            sign_in(page, api, ada)
            open_page(page, book)
            page.wait_for_load_state("networkidle")
            _save(page, FOLDER / f"{name}-{size}-{colours}.png")


def _shelf(page: Page, _: str) -> None:
    _open(page, "/")
    for cover in page.locator("main img").all():
        cover.scroll_into_view_if_needed()  # covers are loaded when they are about to be seen
    page.evaluate("scrollTo(0, 0)")


def _book(page: Page, book: str) -> None:
    _open(page, f"/books/{book}")


def _player(page: Page, book: str) -> None:
    """A chapter while it is read: the sentence that is spoken is marked."""
    _open(page, f"/books/{book}/chapters/1")
    page.get_by_text(SENTENCES[1]).first.click()
    expect(page.locator('main [data-playing="true"]').first).to_be_visible()


def _open(page: Page, path: str) -> None:
    answer = page.goto(path)
    if answer is None or not answer.ok:
        raise ValueError(f"There is no picture to be taken of {path}.")


def _listen(api: Api, ada: User, book: str) -> None:
    """Ada is in the middle of one book, and at the beginning of two others."""
    listed = api.ask("GET", "/api/v1/books?size=3", ada).json()["items"]
    for other in [each["id"] for each in listed if each["title"] != LIGHTHOUSE.title][:2]:
        _report(api, ada, other, 1, 90)
    _report(api, ada, book, 3, 120)


def _report(api: Api, ada: User, book: str, chapter: int, seconds: float) -> None:
    place = {"chapter_number": chapter, "seconds": seconds}
    answer = api.ask("PUT", f"/api/v1/me/positions/{book}", ada, json=place)
    answer.raise_for_status()


def _save(page: Page, path: Path) -> None:
    page.screenshot(path=path)
    with Image.open(path) as taken:
        picture = taken.convert("RGB")
    for colours in COLOURS:
        picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MAX_BYTES:
            return
    raise ValueError(f"{path} has {path.stat().st_size} bytes.")


def _quiet_dagster(home: Path) -> None:
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    os.environ["DAGSTER_HOME"] = str(home)


if __name__ == "__main__":
    main()
