"""Clips as players request them: whole, in parts, again, and in vain."""

import re
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from bookbytes_pipeline.library.models import ChapterRow
from tests.api.client import Api, User, code
from tests.api.factories import ISBN, SOUND, numbered_book, publish_book

SIZE = len(SOUND)


@pytest.fixture(scope="module")
def clip(running: Api, ada: User) -> str:
    """The audio path of a book's first chapter."""
    return str(running.ask("GET", f"/api/v1/books/isbn/{ISBN}", ada).json()["chapters"][0]["audio_url"])


def get(running: Api, user: User, clip: str, **headers: str) -> httpx.Response:
    """Request the clip; underscores in the names of headers are hyphens."""
    return running.ask("GET", clip, user, headers={name.replace("_", "-"): value for name, value in headers.items()})


def file_of(running: Api, number: int = 1, isbn: str = ISBN) -> Path:
    """The clip of a chapter in the store."""
    (file,) = Path(running.settings.store_folder, "chapter_audio", isbn).glob(f"{number:02}-*")
    return file


def audio_of(running: Api, user: User, book: UUID, number: int = 1) -> str:
    """The audio path of a chapter of this book, whether or not it has audio."""
    chapters = running.ask("GET", f"/api/v1/books/{book}/chapters", user).json()
    return f"/api/v1/chapters/{chapters[number - 1]['id']}/audio"


def test_a_whole_clip(running: Api, ada: User, clip: str) -> None:
    """The bytes of the file, and all that a player needs to request parts of it later."""
    answer = get(running, ada, clip)

    assert (200, SOUND) == (answer.status_code, answer.content)
    headers = answer.headers
    assert ("audio/mpeg", str(SIZE), "bytes") == (
        headers["Content-Type"],
        headers["Content-Length"],
        headers["Accept-Ranges"],
    )
    assert re.fullmatch(r'"[^"]+"', headers["ETag"])
    assert formatdate(file_of(running).stat().st_mtime, usegmt=True) == headers["Last-Modified"]
    assert "private, no-cache" == headers["Cache-Control"]
    assert "Content-Range" not in headers


def test_head_is_get_without_the_sound(running: Api, ada: User, clip: str) -> None:
    """The same headers and no body; Range is for GET alone."""
    whole = dict(get(running, ada, clip).headers)
    for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=9999-"}):
        answer = running.ask("HEAD", clip, ada, headers=headers)
        assert (200, b"") == (answer.status_code, answer.content)
        assert whole == {**answer.headers, "x-request-id": whole["x-request-id"]}


PARTS: Mapping[str, tuple[int, int]] = {
    "bytes=0-99": (0, 99),
    "bytes=500-749": (500, 749),
    "bytes=-500": (SIZE - 500, SIZE - 1),
    "bytes=500-": (500, SIZE - 1),
    "bytes=0-": (0, SIZE - 1),
    "bytes=7-7": (7, 7),
    f"bytes={SIZE - 1}-": (SIZE - 1, SIZE - 1),
    "bytes=1990-99999": (1990, SIZE - 1),
    "bytes=-99999": (0, SIZE - 1),
    "Bytes = 0-99": (0, 99),
    "bytes=0-50,40-99": (0, 99),
}


@pytest.mark.parametrize("byte_range", PARTS)
def test_a_part_of_a_clip(running: Api, ada: User, clip: str, byte_range: str) -> None:
    """From the start, in the middle, at the end, to the end, one byte, and more than there is."""
    first, last = PARTS[byte_range]

    answer = get(running, ada, clip, Range=byte_range)

    assert (206, SOUND[first : last + 1]) == (answer.status_code, answer.content)
    assert f"bytes {first}-{last}/{SIZE}" == answer.headers["Content-Range"]
    assert (str(last + 1 - first), "audio/mpeg") == (answer.headers["Content-Length"], answer.headers["Content-Type"])


def test_several_parts_of_a_clip(running: Api, ada: User, clip: str) -> None:
    """They come in one multipart message; each says which part it is."""
    answer = get(running, ada, clip, Range="bytes=0-99, 500-549, -10")

    assert (206, str(len(answer.content))) == (answer.status_code, answer.headers["Content-Length"])
    parts = _parts(answer)
    assert [
        (f"bytes 0-99/{SIZE}", SOUND[:100]),
        (f"bytes 500-549/{SIZE}", SOUND[500:550]),
        (f"bytes 1990-1999/{SIZE}", SOUND[-10:]),
    ] == [(part["Content-Range"], part.get_payload(decode=True)) for part in parts]
    assert {"audio/mpeg"} == {part.get_content_type() for part in parts}


def _parts(answer: httpx.Response) -> list[Message]:
    kind = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser().parsebytes(kind + answer.content)
    assert "multipart/byteranges" == message.get_content_type()
    return [part for part in message.walk() if not part.is_multipart()]


@pytest.mark.parametrize(
    "byte_range", [f"bytes={SIZE}-", "bytes=9999-10000", "bytes=-0", "bytes=99999999999999999999-"]
)
def test_a_part_beyond_the_end(running: Api, ada: User, clip: str, byte_range: str) -> None:
    """The response is an error like any other, and says how long the clip is."""
    answer = get(running, ada, clip, Range=byte_range)

    assert (416, "RANGE_NOT_SATISFIABLE") == code(answer)
    assert f"bytes */{SIZE}" == answer.headers["Content-Range"]
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Request-ID"] == answer.json()["error"]["request_id"]


@pytest.mark.parametrize(
    "byte_range",
    [
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=9-5",
        "bytes=1",
        "seconds=0-9",
        "=0-9",
        "",
        "bytes=" + "0-1," * 150,
    ],
)
def test_an_invalid_range_is_ignored(running: Api, ada: User, clip: str, byte_range: str) -> None:
    """Another unit, an unreadable range, and more parts than any player needs: the whole clip is sent."""
    answer = get(running, ada, clip, Range=byte_range)

    assert (200, SOUND) == (answer.status_code, answer.content)
    assert "Content-Range" not in answer.headers


def test_a_part_of_a_clip_that_may_have_changed(running: Api, ada: User, clip: str) -> None:
    """With If-Range a part is sent only of the clip that the player knows; another clip is sent whole."""
    known = get(running, ada, clip).headers

    def answer(validator: str) -> tuple[int, int]:
        response = get(running, ada, clip, Range="bytes=0-9", If_Range=validator)
        return response.status_code, len(response.content)

    assert (206, 10) == answer(known["ETag"]) == answer(known["Last-Modified"])
    assert (200, SIZE) == answer('"stale"') == answer(f"W/{known['ETag']}")
    assert (200, SIZE) == answer(formatdate(0, usegmt=True)) == answer("nonsense")


def test_a_clip_that_the_player_has(running: Api, ada: User, clip: str) -> None:
    """The response says that its copy is still valid, also with Range and with HEAD, and has no body."""
    known = get(running, ada, clip).headers
    tag, date = known["ETag"], known["Last-Modified"]
    matching = [tag, f"W/{tag}", "*", f'"other", {tag}', f'W/"a,b" ,W/{tag},']
    for condition in [{"If-None-Match": value} for value in matching] + [{"If-Modified-Since": date}]:
        for method in ("GET", "HEAD"):
            answer = running.ask(method, clip, ada, headers={"Range": "bytes=0-9", **condition})
            assert (304, b"") == (answer.status_code, answer.content), condition
            assert (tag, known["Cache-Control"]) == (answer.headers["ETag"], answer.headers["Cache-Control"])


def test_a_clip_that_the_player_does_not_have(running: Api, ada: User, clip: str) -> None:
    """Part of a tag is no tag, and a tag counts more than a date."""
    known = get(running, ada, clip).headers
    tag, date = known["ETag"], known["Last-Modified"]
    for value in ('"other"', tag.strip('"'), f'"x{tag[1:]}', f'{tag[:-1]}x"', f'"{tag}"', "W/", ","):
        answer = get(running, ada, clip, If_None_Match=value, If_Modified_Since=date)
        assert (200, SIZE) == (answer.status_code, len(answer.content)), value
    for value in (formatdate(0, usegmt=True), "yesterday"):
        assert 200 == get(running, ada, clip, If_Modified_Since=value).status_code


def test_a_regenerated_clip_has_another_tag(running: Api, ada: User) -> None:
    """Players notice, so that they never combine parts of two recordings."""
    clip = audio_of(running, ada, publish_book(running.settings, numbered_book(1)))
    before = get(running, ada, clip).headers["ETag"]
    file_of(running, isbn=numbered_book(1).isbn).write_bytes(SOUND[::-1])

    answer = get(running, ada, clip, Range="bytes=0-9", If_Range=before, If_None_Match=before)
    assert (200, SOUND[::-1]) == (answer.status_code, answer.content)
    assert before != answer.headers["ETag"]


NAMES = {
    "On Rivers": "On Rivers - 01 Springs.mp3",
    "Über Flüsse": "Über Flüsse - 01 Springs.mp3",
    "नदी": "नदी - 01 Springs.mp3",
    'He said "no"; x="y': "He said _no_; x=_y - 01 Springs.mp3",
    "../../etc/passwd": ".._.._etc_passwd - 01 Springs.mp3",
    "a\\b:c*d?e<f>g|h": "a_b_c_d_e_f_g_h - 01 Springs.mp3",
    "a\r\nSet-Cookie: x": "a__Set-Cookie_ x - 01 Springs.mp3",
    "100%20 'sure'": "100_20 'sure' - 01 Springs.mp3",
    "x" * 500: f"{'x' * 80} - 01 Springs.mp3",
}


def test_a_saved_clip_has_a_name(running: Api, ada: User) -> None:
    """Book, number and chapter, whatever characters they contain, and a name in ASCII for old clients."""
    for number, (title, expected) in enumerate(NAMES.items(), 10):
        book = publish_book(running.settings, numbered_book(number, title=title), {"Springs": SOUND})
        headers = get(running, ada, audio_of(running, ada, book)).headers
        plain = "".join(character if character.isascii() else "_" for character in expected)
        assert f"inline; filename=\"{plain}\"; filename*=UTF-8''{expected}" == unquote(headers["Content-Disposition"])
        assert headers["Content-Disposition"].isascii()
        assert "set-cookie" not in headers


def test_a_chapter_without_a_clip_is_an_error(running: Api, ada: User) -> None:
    """The errors distinguish an unknown chapter, one that was never recorded, and one whose file is missing."""
    book = publish_book(running.settings, numbered_book(2))
    file_of(running, 3, numbered_book(2).isbn).unlink()

    unknown = running.ask("GET", f"/api/v1/chapters/{uuid4()}/audio", ada)
    silent, missing = (running.ask("GET", audio_of(running, ada, book, number), ada) for number in (2, 3))

    assert (404, "CHAPTER_NOT_FOUND") == code(unknown)
    assert (404, "AUDIO_NOT_FOUND") == code(silent) == code(missing)
    assert "Chapter 2 of On Rivers has no audio" in silent.json()["error"]["message"]
    assert (
        f"is missing from the store. An administrator can restore it by processing {numbered_book(2).isbn} with force."
        in (missing.json()["error"]["message"])
    )
    assert 404 == get(running, ada, audio_of(running, ada, book, 3), If_None_Match="*").status_code
    assert 404 == running.ask("HEAD", audio_of(running, ada, book, 3), ada).status_code
    assert 405 == running.ask("POST", audio_of(running, ada, book), ada).status_code


def test_clips_need_a_token(running: Api, clip: str) -> None:
    """Only users get clips."""
    assert (401, "NOT_AUTHENTICATED") == code(running.client.get(clip))
    assert 401 == running.client.head(clip).status_code


@pytest.mark.parametrize(
    "key", ["../secret.mp3", "/etc/passwd", "chapter_audio/../../secret.mp3", "sources/x.epub", ""]
)
def test_only_clips_are_ever_sent(running: Api, ada: User, key: str) -> None:
    """Even if the library has been changed to name another file."""
    running.settings.store_folder.parent.joinpath("secret.mp3").write_bytes(b"secret")
    clip = audio_of(running, ada, publish_book(running.settings, numbered_book(3)))
    with running.database.session() as session:
        session.execute(update(ChapterRow).where(ChapterRow.id == UUID(clip.split("/")[4])).values(audio_key=key))

    answer = get(running, ada, clip)

    assert (500, "UNEXPECTED") == code(answer)
    assert "secret" not in answer.text
