"""What the modules of the player compute."""

from typing import Any

from playwright.sync_api import Page

from bookbytes_api.web_app.assets import Assets


def _with(page: Page, module: str, expression: str, argument: Any = None) -> Any:
    """The value of an expression in which `it` is the module and `given` the argument."""
    page.goto("/sign-in")
    address = Assets().address(f"modules/player/{module}.js")
    script = f"async ({{address, given}}) => {{ const it = await import(address); return {expression}; }}"
    return page.evaluate(script, {"address": address, "given": argument})


def test_times_are_written_and_spoken(visitor: Page) -> None:
    """Without units of which there are none, and in the singular."""
    seconds = [0, 1, 59.9, 60, 243, 3600, 3723]
    assert [
        ["0:00", "0 seconds"],
        ["0:01", "1 second"],
        ["0:59", "59 seconds"],
        ["1:00", "1 minute"],
        ["4:03", "4 minutes 3 seconds"],
        ["1:00:00", "1 hour"],
        ["1:02:03", "1 hour 2 minutes 3 seconds"],
    ] == _with(visitor, "times", "given.map((each) => [it.clock(each), it.spokenTime(each)])", seconds)


def test_only_chapters_with_a_clip_are_in_the_queue(visitor: Page) -> None:
    """The nearest, the next and the one before; the summary of the whole book is neither of the latter two."""
    chapters = [_chapter(number, url) for number, url in enumerate((None, "/b", None, "/c"), 1)]
    book = {"book_summary": _chapter(0, "/a"), "chapters": chapters}
    found = (
        "['nearest', 'after', 'before'].map((name) => new it.Queue(given.book)[name](number)?.chapter_number ?? null)"
    )

    assert [[0, 2, None], [2, 4, None], [4, 4, 2], [4, None, 2], [4, None, 4]] == _with(
        visitor, "queue", f"given.numbers.map((number) => {found})", {"book": book, "numbers": [0, 2, 3, 4, 9]}
    )


def _chapter(number: int, url: str | None) -> dict[str, Any]:
    return {"id": str(number), "chapter_number": number, "title": "Springs", "duration": 1.0, "audio_url": url}
