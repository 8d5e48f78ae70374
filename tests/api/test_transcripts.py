"""What a clip says, with times, by its address."""

from io import StringIO
from uuid import uuid4

import pytest
import webvtt
from sqlalchemy import delete, update

from bookbytes_pipeline.library.models import ChapterCuesRow, ChapterRow
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, publish_book


def chapters(api: Api, user: User) -> list[dict[str, str]]:
    """The chapters of the book."""
    found: list[dict[str, str]] = api.ask("GET", f"/api/v1/books/isbn/{ISBN}", user).json()["chapters"]
    return found


def test_a_transcript_is_read_by_others(api: Api) -> None:
    """It is WebVTT in UTF-8 with the sentences of the clip, and can be followed by a token in the address."""
    ada = api.user()
    publish_book(api.settings)
    token = api.ask("POST", "/api/v1/auth/tokens", ada, json={"name": "app", "scope": "read"}).json()["token"]

    chapter = chapters(api, ada)[0]
    answer = api.ask("GET", f"/api/v1/chapters/{chapter['id']}/transcript.vtt?token={token}")

    assert answer.content == api.ask("GET", chapter["transcript_url"]).content
    captions = webvtt.from_buffer(StringIO(answer.text)).captions
    assert (200, "text/vtt; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    assert "no-referrer" == answer.headers["Referrer-Policy"]
    assert [("00:00:00.500", "Springs"), ("00:00:02.500", "About springs.")] == [
        (caption.start, caption.text) for caption in captions
    ]


def test_a_copy_is_not_sent_again(api: Api) -> None:
    """As long as it has the same ETag; HEAD tells the length alone."""
    ada = api.user()
    publish_book(api.settings)
    url = chapters(api, ada)[0]["transcript_url"]
    whole, head = api.ask("GET", url, ada), api.ask("HEAD", url, ada)

    same = api.ask("GET", url, ada, headers={"If-None-Match": whole.headers["ETag"]})

    assert (304, b"") == (same.status_code, same.content)
    assert (200, str(len(whole.content))) == (head.status_code, head.headers["Content-Length"])


def test_a_chapter_without_times_has_no_transcript(api: Api) -> None:
    """Its address is null, and who asks all the same is told how to get one; so is who asks for one without audio."""
    ada = api.user()
    publish_book(api.settings)
    with api.database.session() as session:
        session.execute(delete(ChapterCuesRow))
        session.execute(update(ChapterRow).values(has_transcript=False))
    spoken, unknown, *_ = chapters(api, ada)

    answers = [api.ask("GET", f"/api/v1/chapters/{chapter['id']}/transcript.vtt", ada) for chapter in (spoken, unknown)]

    assert [None, None] == [spoken["transcript_url"], unknown["transcript_url"]]
    assert [(404, "TRANSCRIPT_NOT_FOUND")] * 2 == [code(answer) for answer in answers]
    assert "processing the book with force" in answers[0].json()["error"]["message"]
    assert "no audio" in answers[1].json()["error"]["message"]


def test_an_unknown_chapter_has_none(api: Api) -> None:
    """The error says so."""
    answer = api.ask("GET", f"/api/v1/chapters/{uuid4()}/transcript.vtt", api.user())

    assert (404, "CHAPTER_NOT_FOUND") == code(answer)


@pytest.mark.parametrize("times", [1, 2])
def test_a_book_that_is_published_again_has_the_times_of_its_newest_clips(api: Api, times: int) -> None:
    """The rows of older ones are gone with it."""
    ada = api.user()
    for _ in range(times):
        publish_book(api.settings)

    urls = [chapter["transcript_url"] for chapter in chapters(api, ada)]

    assert [200, 200] == [api.ask("GET", url, ada).status_code for url in urls if url]
    assert [True, False, True] == [url is not None for url in urls]
