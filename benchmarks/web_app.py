"""How soon a page is seen and a clip is heard on a slow phone: 300 books, in Chromium with a quarter of the CPU.

`make bench` runs it where there is a Chromium. Nothing is asserted.
"""

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from tests.api.client import Api, User, offline_settings, serving_live
from tests.api.factories import numbered_book, publish_book
from tests.fakes.sound import mp3
from tests.web_app.browser import CHROMIUM, PHONE, chromium, sign_in, visiting

BOOKS, CLIP_S = 300, 60.0
SLOW_DOWN = 4
VISITS = 5
MAX_PAINT_S, MAX_SOUND_S, MAX_KB = 1.0, 1.0, 60.0

_PAINTED = """
async () => {
  const name = "first-contentful-paint";
  if (performance.getEntriesByName(name).length === 0) {
    await new Promise((seen) => new PerformanceObserver(seen).observe({ type: "paint", buffered: true }));
  }
  return performance.getEntriesByName(name)[0].startTime;
}
"""
_HEARD = """
async () => {
  const audio = document.querySelector("book-player audio");
  const tapped = performance.now();
  document.querySelector("[data-play-book]").click();
  await new Promise((heard) => audio.addEventListener("timeupdate", () => audio.currentTime > 0 && heard()));
  return performance.now() - tapped;
}
"""


def main() -> None:
    """Measure and print, each line as soon as it is measured."""
    if CHROMIUM is None:
        print("web app: there is no Chromium (apt-get install chromium).")
        return
    title = f"web app: {BOOKS} books, CPU / {SLOW_DOWN}"
    print(f"\n{title:<36}{'measured':>9}{'against':>9}{'ratio':>7}", flush=True)
    with _site() as (api, ada), chromium() as browser:
        painted, heard = zip(*(_visit(browser, api, ada) for _ in range(VISITS)), strict=True)
        _line("first contentful paint, s", median(painted), MAX_PAINT_S)
        _line("tap to sound, s", median(heard), MAX_SOUND_S)
        _line("HTML, CSS and JavaScript, kB gzip", _weight(browser, api, ada), MAX_KB)


@contextmanager
def _site() -> Iterator[tuple[Api, User]]:
    with TemporaryDirectory() as home:
        os.environ["DAGSTER_HOME"] = home
        (Path(home) / "dagster.yaml").write_text("telemetry: {enabled: false}")
        with serving_live(offline_settings(Path(home) / "bookbytes")) as api:
            sound = mp3(CLIP_S)
            for number in range(BOOKS):
                publish_book(
                    api.settings, numbered_book(number, title=f"On Rivers, volume {number}"), {"Springs": sound}
                )
            yield api, api.user()


def _visit(browser: Browser, api: Api, ada: User) -> tuple[float, float]:
    """Return the seconds until something is seen, and those from a tap to sound, for somebody who was here before."""
    with _signed_in(browser, api, ada) as page:
        page.goto("/")
        page.reload()
        painted = page.evaluate(_PAINTED)
        return painted / 1000, page.evaluate(_HEARD) / 1000


@contextmanager
def _signed_in(browser: Browser, api: Api, ada: User) -> Iterator[Page]:
    with visiting(browser, api.origin, viewport=PHONE) as page:
        sign_in(page, api, ada)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        yield page


def _weight(browser: Browser, api: Api, ada: User) -> float:
    """Return the size of what the shelf loads, but for pictures."""
    bodies: list[bytes] = []
    with visiting(browser, api.origin, viewport=PHONE) as page:
        sign_in(page, api, ada)
        text = ("text/html", "text/css", "text/javascript", "application/javascript")
        page.on(
            "response",
            lambda answer: answer.headers.get("content-type", "").startswith(text) and bodies.append(answer.body()),
        )
        page.goto("/", wait_until="networkidle")
    return sum(len(gzip.compress(body)) for body in bodies) / 1000


def _line(what: str, measured: float, against: float) -> None:
    print(f"{what:<36}{measured:>9.2f}{against:>9.2f}{measured / against:>7.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
