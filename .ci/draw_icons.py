"""Draws the icons of the installed web app as PNG from its `icon.svg`, for systems that cannot show that one."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.web_app.browser import chromium

FOLDER = Path(__file__).parents[1] / "bookbytes_api" / "web_app" / "static" / "icons"
ROUND_CORNERS = 'rx="104"'
SAFE_PART = 0.8
"""Systems cut maskable icons to shapes of theirs, and leave what is inside of this part."""


def main() -> None:
    """Draw all of them."""
    rounded = (FOLDER / "icon.svg").read_text()
    square = rounded.replace(ROUND_CORNERS, "")
    with chromium() as browser:
        page = browser.new_page()
        _draw(page, rounded, "icon-192.png", 192)
        _draw(page, rounded, "icon-512.png", 512)
        _draw(page, _smaller(square), "maskable-512.png", 512)
        _draw(page, square, "apple-touch-icon.png", 180)


def _draw(page: Page, svg: str, name: str, size: int) -> None:
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{svg}")
    page.screenshot(path=FOLDER / name, omit_background=True)
    with Image.open(FOLDER / name) as picture:
        small = picture.quantize(64, method=Image.Quantize.FASTOCTREE)
    small.save(FOLDER / name, optimize=True)


def _smaller(square: str) -> str:
    """Return the drawing with all but its ground within the part that every system shows."""
    start, ground, rest = square.partition('fill="#0f5257"/>')
    drawing = rest.removesuffix("</svg>\n").removesuffix("</svg>")
    margin = 256 * (1 - SAFE_PART)
    return f'{start}{ground}<g transform="translate({margin} {margin}) scale({SAFE_PART})">{drawing}</g></svg>'


if __name__ == "__main__":
    main()
