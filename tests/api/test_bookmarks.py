"""Bookmarks with what is heard there, and their export."""

import csv
from typing import Any
from uuid import UUID, uuid4

from bookbytes_api.listening.sentences import sentence_at, spoken_at
from bookbytes_pipeline.domain.evidence import SentenceEvidence, Span
from bookbytes_pipeline.domain.transcript import Cue
from tests.api.client import Api, User, code
from tests.api.factories import numbered_book, publish_book

BOOKMARKS = "/api/v1/me/bookmarks"
EVIDENCE = (SentenceEvidence("About springs.", (Span(0, 12, "Springs rise"),), 1.0),)


def _create(api: Api, user: User, book_id: UUID, **more: Any) -> dict[str, Any]:
    bookmark = {"book_id": str(book_id), "chapter_number": 1, "seconds": 83.5, **more}
    answer = api.ask("POST", BOOKMARKS, user, json=bookmark)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_bookmark_has_the_sentence_and_its_passage(api: Api) -> None:
    """At the same place there is one."""
    ada, book_id = api.user(), publish_book(api.settings, evidence=EVIDENCE)
    first, second = _create(api, ada, book_id), _create(api, ada, book_id, note="Look this up")

    assert ("About springs.", "Springs rise", "Springs") == tuple(
        first[name] for name in ("sentence", "passage", "chapter_title")
    )
    assert (first["id"], "Look this up") == (second["id"], second["note"])
    assert 1 == api.ask("GET", BOOKMARKS, ada, params={"book_id": str(book_id)}).json()["total"]


def test_a_note_is_changed_and_a_bookmark_deleted(api: Api) -> None:
    """By their owner alone."""
    ada, bob, book_id = api.user(), api.user("bob"), publish_book(api.settings)
    address = f"{BOOKMARKS}/{_create(api, ada, book_id)['id']}"
    of_bob = [api.ask("PATCH", address, bob, json={"note": "mine"}), api.ask("DELETE", address, bob)]

    assert [(404, "BOOKMARK_NOT_FOUND")] * 2 == [code(answer) for answer in of_bob]
    assert "ours" == api.ask("PATCH", address, ada, json={"note": "ours"}).json()["note"]
    assert 204 == api.ask("DELETE", address, ada).status_code
    assert 0 == api.ask("GET", BOOKMARKS, ada).json()["total"]


def test_a_bookmark_outlives_its_book(api: Api) -> None:
    """As it was made."""
    ada, book_id = api.user(), publish_book(api.settings)
    made = _create(api, ada, book_id, note="Keep")
    api.ask("DELETE", f"/api/v1/books/{book_id}", ada)

    assert [made | {"book_id": None}] == api.ask("GET", BOOKMARKS, ada).json()["items"]
    assert (404, "BOOK_NOT_FOUND") == code(api.ask("GET", BOOKMARKS, ada, params={"book_id": str(uuid4())}))


def test_bookmarks_are_exported_as_markdown(api: Api) -> None:
    """By book and chapter, with a link to the second that has no permission in it."""
    ada, book_id = api.user(), publish_book(api.settings, evidence=EVIDENCE)
    _create(api, ada, book_id, note="# not a *heading*")
    answer = api.ask("GET", f"{BOOKMARKS}/export", ada)

    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert 'attachment; filename="bookmarks.md"' == answer.headers["Content-Disposition"]
    lines = answer.text.splitlines()
    assert ["# On Rivers", "Ada Ford", "## 1. Springs"] == lines[0:5:2]
    assert {"> About springs.", "> Springs rise", r"\# not a \*heading\*"} < set(lines)
    assert "/audio#t=83.5)" in answer.text
    assert "token=" not in answer.text


def test_bookmarks_are_exported_for_readwise(api: Api) -> None:
    """In its columns; no cell is a formula."""
    ada, book_id = api.user(), publish_book(api.settings, numbered_book(1, title="=1+1"), evidence=EVIDENCE)
    _create(api, ada, book_id, note="@SUM(A1)\nand more")
    answer = api.ask("GET", f"{BOOKMARKS}/export", ada, params={"format": "readwise"})
    header, row = csv.reader(answer.text.splitlines(keepends=True))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert ["Highlight", "Title", "Author", "URL", "Note", "Location", "Date"] == header
    assert ["About springs.", "'=1+1", "Ada Ford", "83"] == [*row[:3], row[5]]
    assert "'@SUM(A1)\nand more\n\nSprings rise" == row[4]


def test_the_sentence_is_found_by_the_times_of_the_clip() -> None:
    """Before the first one it is the first."""
    cues = [Cue(0.5, "Springs"), Cue(2.5, "About springs.")]

    assert ["Springs", "Springs", "About springs."] == [spoken_at(cues, seconds) for seconds in (0.0, 2.4, 2.5)]


def test_the_sentence_is_found_by_its_share_of_the_text() -> None:
    """Of no sentences there is none."""
    sentences = ["Ten chars.", "Twenty characters it."]

    assert [sentences[0], sentences[1], sentences[1]] == [sentence_at(sentences, share) for share in (0, 0.4, 1)]
    assert None is sentence_at([], 0.5)
