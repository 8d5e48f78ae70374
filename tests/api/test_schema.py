"""The API's schema, checked against its behaviour."""

import os
import subprocess
from pathlib import Path
from uuid import UUID

from bookbytes_api.jobs.models import JobRow
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.library.models import BookISBNRow, BookRow, ChapterRow
from bookbytes_pipeline.store.store import open_store
from tests.api.addresses import serving_everywhere
from tests.api.client import Api, User, offline_settings
from tests.cli_runner import COMMANDS
from tests.library.rows import book_row

CONFIG = Path(__file__).with_name("schemathesis.toml")
ROOT = Path(__file__).parents[2]


def test_the_api_does_what_its_schema_says(tmp_path: Path) -> None:
    """Hundreds of requests, valid and invalid, get only documented responses, and no server error."""
    with serving_everywhere(offline_settings(tmp_path / "home", max_jobs_per_user=1000)) as api:
        administrator = api.user()
        _fill_library(api, administrator)

        done = _schemathesis(api, administrator, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr


def _schemathesis(api: Api, user: User, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        COMMANDS / "schemathesis",
        "--config-file",
        CONFIG,
        "run",
        str(api.client.base_url.join("/schema/openapi.json")),
        "--no-color",
    ]
    env = {**os.environ, "TOKEN": user.headers["Authorization"].removeprefix("Bearer "), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def _fill_library(api: Api, user: User) -> None:
    """Books, one with a clip and two that may be deleted; a job that has ended, and one that waits; any voice.

    The first book stays, because an unfinished job of another user is processing it.
    """
    other = api.user("somebody")
    store = open_store(api.settings.store_config)
    store.write_voices(VoiceList("openai", (Voice("anna", "de"),), usual="anna", complete=False))
    clips = store.clips
    key = clips.key("9780306406157", 1, "0123456789abcdef")
    clips.write(key, b"\xff\xfb\x90\x00" * 1000)
    with api.database.session() as session:
        session.add(_book(1, "9780306406157", key))
        session.add(_book(2, "9780198526636", None))
        session.add(_book(3, "9781420080322", None))
        session.add(_job(1, user, "9780306406157", outcome="completed"))
        session.add(_job(2, user, "9780140328721", outcome=None))
        session.add(_job(3, other, "9780306406157", outcome=None))


def _book(number: int, isbn: str, audio_key: str | None) -> BookRow:
    row = book_row(isbn)
    row.id = _id(number)
    row.isbns = [BookISBNRow(isbn=isbn, type="isbn_13")]
    row.chapters = [
        ChapterRow(
            id=_id(number),
            chapter_number=1,
            title="Sources",
            summary="Where do rivers begin?",
            grounding="full_text",
            word_count=4,
            audio_key=audio_key,
            duration=60.0 if audio_key else None,
        )
    ]
    return row


def _job(number: int, user: User, isbn: str, outcome: str | None) -> JobRow:
    return JobRow(
        id=_id(number),
        user_id=UUID(user.id),
        isbn=isbn,
        run_id=str(_id(number)),
        request_id="test",
        outcome=outcome,
        progress=100 if outcome else 0,
    )


def _id(number: int) -> UUID:
    return UUID(f"00000000-0000-4000-8000-{number:012d}")
