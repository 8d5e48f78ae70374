"""What versions 0.1.0, 0.2.0 and 0.3.0 made is opened by this one, migrated and played.

`fixtures/home-<version>.tar.xz` is what `bookbytes process` of that version left in BOOKBYTES_HOME, with these fakes;
that of 0.2.0 also has a user, who then made two requests over HTTP, the second of which was still pending. The home of
0.3.0 has a file of tests of its own. `fixtures/library-<version>.sql` is a dump of PostgreSQL after the same. In 0.1.0
there were neither users nor PostgreSQL.
"""

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bookbytes_pipeline.cli.foreground_run import run_book
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.db.migrations import REVISIONS
from bookbytes_pipeline.domain.book_choices import NO_CHOICES
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.library.queries import book_by_isbn
from bookbytes_pipeline.settings import load_settings
from tests.api.client import PASSWORD, Api, offline_settings, serving_api
from tests.cli_runner import CHAPTERS, CHAPTERS_ONLY, ISBN, KEY, providers
from tests.fakes.openai_api import OpenAIApi
from tests.postgres import PostgresServer
from tests.test_home_of_0_3_0 import GOOD

FIXTURES = Path(__file__).parent / "fixtures"
OTHER_ISBN = "9780140328721"
CLIP_SIZES = {"0.1.0": [21532, 21519, 21529], "0.2.0": [21532, 21519, 21529], "0.3.0": [23836, 23823, 23833]}


@pytest.fixture(autouse=True)
def _embedded_dagster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each home has its own Dagster."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)


def _unpacked(version: str, folder: Path) -> Path:
    with tarfile.open(FIXTURES / f"home-{version}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / f"home-{version}"


@pytest.fixture(params=["0.2.0", "0.3.0"])
def dumped(request: pytest.FixtureRequest, postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """A version, and the URL of its library on PostgreSQL."""
    with postgres.database() as url:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute((FIXTURES / f"library-{request.param}.sql").read_bytes())
        yield request.param, url


def _logged_in(api: Api) -> dict[str, str]:
    login = {"email": "ada@example.org", "password": PASSWORD}
    token = api.client.post("/api/v1/auth/login", json=login).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def _sizes_of_played_clips(api: Api, headers: dict[str, str]) -> list[int]:
    """Those of the chapters of the book, which is found by its first chapter."""
    found = api.client.get("/api/v1/search", params={"q": CHAPTERS[0]}, headers=headers).json()
    book = api.client.get(f"/api/v1/books/isbn/{found['items'][0]['book']['isbn']}", headers=headers).json()
    assert (False, None, None) == (book["needs_review"], book["minutes"], book["book_summary"])
    assert list(CHAPTERS[:3]) == [chapter["title"] for chapter in book["chapters"]]
    answers = [api.client.get(chapter["audio_url"], headers=headers) for chapter in book["chapters"]]
    return [len(answer.content) for answer in answers]


def _jobs(api: Api, headers: dict[str, str]) -> dict[str, str]:
    items = api.client.get("/api/v1/jobs", headers=headers).json()["items"]
    return {job["isbn"]: job["status"] for job in items}


def test_the_home_of_0_1_0_is_played(tmp_path: Path) -> None:
    """Its first user of all signs up now."""
    home = _unpacked("0.1.0", tmp_path)
    with serving_api(offline_settings(home)) as api:
        headers = dict(api.registered_user("bob").headers)

        assert CLIP_SIZES["0.1.0"] == _sizes_of_played_clips(api, headers)
        assert {} == _jobs(api, headers)


def test_the_home_of_0_2_0_is_played_by_its_user(tmp_path: Path) -> None:
    """Password, finished job and pending job are as they were."""
    home = _unpacked("0.2.0", tmp_path)
    with serving_api(offline_settings(home)) as api:
        headers = _logged_in(api)

        assert CLIP_SIZES["0.2.0"] == _sizes_of_played_clips(api, headers)
        assert {ISBN: "completed", OTHER_ISBN: "pending"} == _jobs(api, headers)


def test_good_answers_of_0_1_0_are_not_paid_for_again(tmp_path: Path) -> None:
    """The book is processed again in its Dagster. Those of the fixture are short, so longer ones take their place."""
    home = _unpacked("0.1.0", tmp_path)
    answers = [*(home / "store" / "remembered" / "chapter_summary").iterdir()]
    for answer in answers:
        content = json.loads(answer.read_text())
        content["content"]["summary"] = GOOD
        answer.write_text(json.dumps(content))

    with providers(chapters=CHAPTERS[:3], model=OpenAIApi(KEY)) as servers:
        settings = load_settings(
            _env_file=None,
            bookbytes_home=home,
            llm_provider="openai",
            openai_api_key=KEY,
            tts_provider="gtts",
            summary_minutes=3,
            **{name.lower(): value for name, value in (servers.addresses | CHAPTERS_ONLY).items()},
        )
        run_book(settings, ISBN, NO_CHOICES)

        assert (3, 0) == (len(answers), servers.writings)
    with closing(Database(settings.library_url)) as database, database.session() as session:
        book = session.scalars(book_by_isbn(ISBN)).one()
        assert {GOOD} == {chapter.summary for chapter in book.chapters}


def test_a_library_on_postgresql_is_migrated_by_its_operator_and_played(
    dumped: tuple[str, str], tmp_path: Path
) -> None:
    """Until then it is refused, in a sentence that says how. The store is that of the home."""
    version, url = dumped
    home = _unpacked(version, tmp_path)
    with closing(Database(url)) as database:
        with pytest.raises(LibraryUnavailable, match="are not up to date: run `bookbytes migrate`"):
            database.check()
        with database.migrate() as before:
            assert {"0.2.0": "0002", "0.3.0": "0003"}[version] == before
        assert REVISIONS[-1] == database.version

    with serving_api(offline_settings(home, url)) as api:
        headers = _logged_in(api)
        assert CLIP_SIZES[version] == _sizes_of_played_clips(api, headers)
        assert {ISBN: "completed", OTHER_ISBN: "pending"} == _jobs(api, headers)
