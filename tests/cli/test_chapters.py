"""`bookbytes chapters`: what is in a book, what is out, and that the next run follows a correction and little else."""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from subprocess import CompletedProcess
from zipfile import ZipFile

import dagster as dg
import pytest

from bookbytes_pipeline.cli.chapters import in_table, out_table
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.domain.corrections import choose_chapters, text_identity
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.library.queries import book_by_isbn
from tests.cli_runner import CHAPTERS_ONLY, ISBN, Servers, bookbytes, in_process, offline, online, providers
from tests.epub.building import epub, page, prose
from tests.fakes.openai_api import made_up

TITLES = ("Springs", "Rapids", "Lakes", "Deltas")


def book(words: int = 400) -> bytes:
    """Four chapters, and a bibliography that is none."""
    pages = {f"{title}.xhtml": f"<h1>{title}</h1>{told(words, title)}" for title in TITLES}
    pages["bibliography.xhtml"] = page(told(200, "printed"), "bibliography")
    return epub(pages, [(name.removesuffix(".xhtml").title(), name) for name in pages]).getvalue()


def told(words: int, about: str) -> str:
    """A paragraph of this many words that can be summarised, another one for each subject."""
    return f"<p>{' '.join(' '.join(made_up(about, 2 * words)).split()[:words])}.</p>"


def attached(home: Path, content: bytes) -> dict[str, str]:
    """The environment of a home where this book is attached."""
    (home / "rivers.epub").write_bytes(content)
    assert in_process("attach", ISBN, home / "rivers.epub", env=offline(home)).returncode == 0
    return offline(home)


def listed(run: CompletedProcess[str]) -> list[str]:
    """The titles on stdout."""
    assert run.returncode == 0, run.stderr
    rows = json.loads(run.stdout)
    assert list(range(1, len(rows) + 1)) == [row["number"] for row in rows]
    return [row["title"] for row in rows]


def test_edits_are_kept_and_each_refers_to_the_list_before_it(tmp_path: Path) -> None:
    """The new list is printed with the next command; what is out, and why, is on stderr."""
    env = attached(tmp_path, book())

    first = bookbytes("chapters", ISBN, "--skip", "2", "--rename", "3", "Still Water", env=env)
    second = bookbytes("chapters", ISBN, "--merge", "1", "2", "--keep", "bibliography", env=env)
    shown = bookbytes("chapters", "0-306-40615-2", env=env)

    assert ["Springs", "Still Water", "Deltas"] == listed(first)
    assert "left out: “Rapids” (400 words, section 2): skipped by the correction." in first.stderr
    assert f"bookbytes process {ISBN}" in first.stderr
    assert ["Springs", "Deltas", "Bibliography"] == listed(second)
    assert ["Springs", "Deltas", "Bibliography"] == listed(shown)
    assert [800, 400, 200] == [row["words"] for row in json.loads(shown.stdout)]
    assert "These chapters are corrected" in shown.stderr


def test_a_folder_is_read_and_attached_like_the_file(tmp_path: Path) -> None:
    """An unpacked EPUB, as macOS keeps it, needs no packing by hand."""
    with ZipFile(BytesIO(book())) as file:
        file.extractall(tmp_path / "Rivers.epub")

    shown = in_process("chapters", tmp_path / "Rivers.epub", env=offline(tmp_path))
    attached = in_process("attach", ISBN, tmp_path / "Rivers.epub", env=offline(tmp_path))

    assert list(TITLES) == listed(shown)
    assert "4 chapters attached" in attached.stdout
    assert list(TITLES) == listed(in_process("chapters", ISBN, env=offline(tmp_path)))


def test_a_reset_drops_the_correction(tmp_path: Path) -> None:
    """With edits, it is as if they were the first."""
    env = attached(tmp_path, book())
    in_process("chapters", ISBN, "--skip", "1", "--skip", "2", env=env)

    assert ["Springs", "Lakes", "Deltas"] == listed(in_process("chapters", ISBN, "--reset", "--skip", "2", env=env))
    assert list(TITLES) == listed(in_process("chapters", ISBN, "--reset", env=env))
    assert [f"{ISBN}.epub"] == [file.name for file in (tmp_path / "store" / "sources").iterdir()]


def test_a_refused_edit_changes_nothing(tmp_path: Path) -> None:
    """The message names the book, and what is possible."""
    env = attached(tmp_path, book())

    wrong = in_process("chapters", ISBN, "--skip", "1", "--keep", "Glossary", env=env)

    assert (1, "") == (wrong.returncode, wrong.stdout)
    assert f"'The Sea' ({ISBN}) stay as they were. No section that is left out is called “Glossary”" in wrong.stderr
    assert list(TITLES) == listed(in_process("chapters", ISBN, env=env))


def test_only_attached_books_are_corrected(tmp_path: Path) -> None:
    """A file, a book without a text and what is neither get a message that says what to do."""
    env = attached(tmp_path, book())

    file = in_process("chapters", tmp_path / "rivers.epub", "--skip", "1", env=env)
    missing = in_process("chapters", "9780306406256", env=env)
    nothing = in_process("chapters", "rivers.epub", env=env)

    assert (2, True) == (file.returncode, "bookbytes attach ISBN FILE" in file.stderr)
    assert (1, True) == (missing.returncode, "bookbytes attach 9780306406256 FILE" in missing.stderr)
    assert (2, True) == (nothing.returncode, "'rivers.epub' is no file, and no ISBN either" in nothing.stderr)


def test_a_correction_is_not_followed_once_the_text_is_another(tmp_path: Path) -> None:
    """A warning says so, and an edit starts from the chapters as they are read."""
    env = attached(tmp_path, book())
    in_process("chapters", ISBN, "--skip", "1", env=env)
    attached(tmp_path, book(300))

    shown = in_process("chapters", ISBN, env=env)

    assert list(TITLES) == listed(shown)
    assert "corrected for another text" in shown.stderr
    edited = in_process("chapters", ISBN, "--skip", "4", env=env)
    assert ["Springs", "Rapids", "Lakes"] == listed(edited)
    assert "corrected for another text" in edited.stderr
    assert "another text" not in in_process("chapters", ISBN, "--skip", "1", env=env).stderr


def test_a_correction_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The message has the path of the file, and --reset still works."""
    env = attached(tmp_path, book())
    correction = tmp_path / "store" / "sources" / f"{ISBN}.chapters.json"
    correction.write_text('{"text": 1')

    unreadable = in_process("chapters", ISBN, env=env)
    correction.write_text(json.dumps({"text": _identity(tmp_path), "chapters": [{"title": "A", "sections": [9]}]}))
    impossible = in_process("chapters", ISBN, "--skip", "1", env=env)

    assert (1, True) == (unreadable.returncode, str(correction) in unreadable.stderr)
    assert f"bookbytes chapters {ISBN} --reset" in unreadable.stderr
    assert (1, True) == (impossible.returncode, "'The Sea' cannot be followed. The text has no" in impossible.stderr)
    assert list(TITLES) == listed(in_process("chapters", ISBN, "--reset", env=env))


def _identity(home: Path) -> str:
    """What a correction of the attached book is bound to."""
    content = (home / "rivers.epub").read_bytes()
    return text_identity(content, read_epub(BytesIO(content)))


def test_on_a_terminal_both_lists_are_tables() -> None:
    """Titles stay as they are, square brackets included."""
    chapters = {"1.xhtml": f"<h1>[b] One</h1>{prose(400)}", "2.xhtml": f"<h1>Bibliography</h1>{prose(90)}"}
    chosen = choose_chapters(read_epub(epub(chapters, [("[b] One", "1.xhtml"), ("Bibliography", "2.xhtml")])))

    inside, outside = in_table(chosen), out_table(chosen)

    assert [["1"], [r"\[b] One"], ["400"]] == [list(column.cells) for column in inside.columns]
    assert [["2"], ["Bibliography"]] == [list(column.cells) for column in outside.columns[:2]]
    assert ["bibliography"] == list(outside.columns[3].cells)


@dataclass(frozen=True)
class MadeBook:
    """What a run asked for, which chapters it published, and what Dagster shows of its chapter list."""

    written: int
    spoken: int
    titles: list[str]
    corrected: bool
    correction: str
    data_version: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[MadeBook]:
    """A book made as it is read, with one correction, with a second one, and without them."""
    home = tmp_path_factory.mktemp("home")
    attached(home, book())
    edits = (
        (),
        ("--skip", "1", "--rename", "2", "White Water"),
        ("--keep", "bibliography", "--merge", "2", "3"),
        ("--reset",),
    )
    with providers() as servers:
        return [_made(home, servers, *each) for each in edits]


def _made(home: Path, servers: Servers, *edits: str) -> MadeBook:
    """Correct the book and process it."""
    env = online(home, servers, **CHAPTERS_ONLY)
    if edits:
        assert in_process("chapters", ISBN, *edits, env=env).returncode == 0
    writings, texts = servers.writings, len(servers.narrator.script.texts)
    run = in_process("process", ISBN, env=env)
    assert run.returncode == 0, run.stderr
    openings = ("Springs.", "White Water.", "Rapids.", "Lakes.", "Deltas.", "Bibliography.")
    spoken = sum(text.startswith(openings) for text in servers.narrator.script.texts[texts:])
    return MadeBook(servers.writings - writings, spoken, _published(home), *_listed_by_dagster(home))


def test_the_next_run_makes_only_what_changed(made: list[MadeBook]) -> None:
    """A new title is spoken again and nothing is written again; a skipped chapter costs nothing; a kept one is new."""
    as_read, renamed, kept, reset = made

    assert (4, list(TITLES)) == (as_read.written, as_read.titles)
    assert (0, 1, ["White Water", "Lakes", "Deltas"]) == (renamed.written, renamed.spoken, renamed.titles)
    assert (2, ["White Water", "Lakes", "Bibliography"]) == (kept.written, kept.titles)
    assert (0, 0, list(TITLES)) == (reset.written, reset.spoken, reset.titles)


def test_dagster_shows_the_correction(made: list[MadeBook]) -> None:
    """In the metadata of the chapter list, whose data version changes with it and with nothing else."""
    as_read, renamed, kept, reset = made

    assert [False, True, True, False] == [each.corrected for each in made]
    assert "The chapters are not corrected." == as_read.correction == reset.correction
    assert kept.correction.splitlines()[2:] == [
        "| skipped | Springs |",
        "| kept | Bibliography |",
        "| merged | Lakes, Deltas |",
        "| renamed | Rapids → White Water |",
    ]
    assert as_read.data_version == reset.data_version
    assert 3 == len({as_read.data_version, renamed.data_version, kept.data_version})


def _published(home: Path) -> list[str]:
    """The titles in the library, each of whose chapters has a clip of its own."""
    with Database(f"sqlite:///{home}/library.db").session() as session:
        chapters = session.scalars(book_by_isbn(ISBN)).one().chapters
        clips = {chapter.audio_key for chapter in chapters}
        assert (len(chapters), False) == (len(clips), None in clips)
        return [chapter.title for chapter in chapters]


def _listed_by_dagster(home: Path) -> tuple[bool, str, str]:
    """Of the chapter list whether and how it is corrected, and the data version."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        [record] = instance.fetch_materializations(dg.AssetKey("chapter_list"), limit=1).records
    listed = record.asset_materialization
    assert listed is not None
    values = [listed.metadata[name].value for name in ("corrected", "correction")]
    return bool(values[0]), str(values[1]), str((listed.tags or {})["dagster/data_version"])


def test_too_many_chapters_are_joined_and_a_warning_says_so(tmp_path: Path) -> None:
    """No book is refused for its many chapters."""
    pages = {f"{number}.xhtml": prose(60, "tale") for number in range(1, 302)}
    many = epub(pages, [(f"Tale {name.partition('.')[0]}", name) for name in pages]).getvalue()
    env = attached(tmp_path, many)

    shown = in_process("chapters", ISBN, env=env)

    titles = listed(shown)
    assert (151, ["Tale 1", "Tale 2 – Tale 3"]) == (len(titles), titles[:2])
    assert "has 301 chapters, more than 300; neighbours are joined into 151" in shown.stderr
