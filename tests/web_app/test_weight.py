"""What the pages weigh, for phones on slow networks, and for whoever reads their sources."""

from pathlib import Path

from playwright.sync_api import Page, Response

from bookbytes_api.web_app.assets import FOLDER

TEXTS = {"document", "stylesheet", "script"}
MOST_BYTES = 60_000
MOST_LINES = 200


def test_the_shelf_is_light(page: Page) -> None:
    """Its HTML, styles and modules as they are sent, compressed by the server itself."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright needs a function of Python
    page.goto("/", wait_until="networkidle")
    sizes = {
        answer.url: answer.request.sizes()["responseBodySize"]
        for answer in answers
        if answer.request.resource_type in TEXTS
    }

    assert len(sizes) > len(TEXTS)
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_every_source_can_be_read_at_once() -> None:
    """No template, module, style or Python file of the pages is longer than 200 lines."""
    texts = {".py", ".html", ".js", ".css"}
    lines = {str(path.relative_to(FOLDER)): _lines(path) for path in FOLDER.rglob("*") if path.suffix in texts}

    assert {} == {name: count for name, count in lines.items() if count > MOST_LINES}


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
