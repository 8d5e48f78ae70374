"""What of a book nothing needs any more: the decisions, without a store."""

import dataclasses

import pytest

from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.pruning.decisions import (
    Limits,
    is_finished,
    may_use_unmarked_answers,
    remains_of_forgotten_book,
    replaced_clips,
    stale_marks,
    unused_files,
)
from bookbytes_pipeline.pruning.inventory import Item, Kind

BOOK = ISBN("9780306406157")
LIMITS = Limits(others=100, texts=50)
NEVER = Limits(others=0, texts=0)
PUBLISHED = ("book_metadata", 10), ("chapter_audio", 20), ("published_book", 30)
OLD_CLIP, NEW_CLIP = (f"chapter_audio/{BOOK}/01-{name}.mp3" for name in ("01d", "11e"))


def _asset(name: str, modified: float) -> Item:
    return Item(f"{name}/{BOOK}.json", Kind.ARTEFACT, BOOK, "", 1, modified)


def _clip(key: str, modified: float) -> Item:
    return Item(key, Kind.CLIP, BOOK, "", 1, modified)


def _mark(modified: float) -> Item:
    name = "chapter_summary-" + "0" * 32
    return Item(f"remembered/used_by/{name}/{BOOK}", Kind.MARK, BOOK, name, 0, modified)


def _text(name: str, modified: float) -> Item:
    return Item(f"sources/{BOOK}.{name}", Kind.TEXT, BOOK, "", 1, modified)


@pytest.mark.parametrize(
    ("made", "finished"),
    [
        ((), False),
        ((("book_metadata", 10),), False),
        (PUBLISHED, True),
        ((*PUBLISHED, ("book_metadata", 40)), False),
        ((*PUBLISHED, ("remembered/open_library", 40)), True),
    ],
)
def test_a_book_is_finished_once_it_is_published_last(made: tuple[tuple[str, float], ...], finished: bool) -> None:
    """A run that began after that may still continue; that somebody looked the book up says nothing."""
    assert finished == is_finished([_asset(*item) for item in made])


def test_a_replaced_clip_is_unneeded() -> None:
    """Unless the library or a manifest names it, it is young, or the new ones were published a short while ago."""
    items = [*(_asset(*item) for item in PUBLISHED), _clip(OLD_CLIP, 5), _clip(NEW_CLIP, 15)]

    assert [OLD_CLIP] == [clip.key for clip in replaced_clips(items, {NEW_CLIP}, LIMITS)]
    assert [] == replaced_clips(items, {NEW_CLIP, OLD_CLIP}, LIMITS)
    assert [] == replaced_clips(items, {NEW_CLIP}, Limits(others=5, texts=0))
    assert [] == replaced_clips(items, {NEW_CLIP}, Limits(others=30, texts=0))


def test_an_unfinished_book_keeps_its_clips() -> None:
    """Those that the unfinished run has made are named nowhere yet."""
    items = [*(_asset(*item) for item in PUBLISHED), _clip(OLD_CLIP, 5), _asset("chapter_summaries", 40)]

    assert [] == replaced_clips(items, set(), LIMITS)


def test_a_mark_is_stale_once_the_book_was_made_without_its_answer() -> None:
    """From one end to the other; until then the answer may be wanted."""
    published = [_asset(*item) for item in PUBLISHED]
    marks = [_mark(9), _mark(11)]

    assert marks[:1] == stale_marks([*published, *marks], LIMITS, is_known=True)
    assert [] == stale_marks([*published, *marks], NEVER, is_known=True)
    assert [] == stale_marks([*published[:2], *marks], LIMITS, is_known=True)
    assert [] == stale_marks(marks, LIMITS, is_known=True)
    assert marks == stale_marks([*published, *marks], LIMITS, is_known=False)


def test_a_forgotten_book_leaves_nothing_but_clips_that_are_played() -> None:
    """The library may play them in another edition."""
    items = [_asset(*item) for item in PUBLISHED]
    items += [_clip(OLD_CLIP, 5), _clip(NEW_CLIP, 5), _text("epub", 40), _mark(1)]

    unneeded = remains_of_forgotten_book(items, {NEW_CLIP}, LIMITS)

    assert {NEW_CLIP, _mark(1).key} == {item.key for item in items} - {item.key for item in unneeded}
    assert [] == remains_of_forgotten_book(items, set(), NEVER)


def test_a_text_stays_for_long_and_its_correction_with_it() -> None:
    """Whoever attached the text may process it later."""
    items = [_text("epub", 60), _text("chapters.json", 5)]

    assert [] == remains_of_forgotten_book(items, set(), LIMITS)
    assert items == remains_of_forgotten_book(items, set(), Limits(others=100, texts=100))


@pytest.mark.parametrize(
    ("items", "unmarked"),
    [
        ([], False),
        ([_text("epub", 5)], False),
        ([_asset(*item) for item in PUBLISHED], True),
        ([_mark(11), *(_asset(*item) for item in PUBLISHED)], False),
        ([_mark(9), *(_asset(*item) for item in PUBLISHED)], True),
        ([_mark(41), _asset("book_metadata", 40), *(_asset(*item) for item in PUBLISHED[1:])], True),
    ],
)
def test_a_book_of_an_older_version_may_use_answers_without_marks(items: list[Item], unmarked: bool) -> None:
    """Until a later version has made it from one end to the other."""
    assert unmarked == may_use_unmarked_answers(items)


def test_a_file_of_a_whole_book_is_unneeded_unless_the_library_offers_it() -> None:
    """Or it is young: it may just have been made, and not yet been noted."""
    old, offered, young = (Item(f"book_files/{BOOK}/{digit * 32}.m4b", Kind.FILE, BOOK, "", 1, 5) for digit in "abc")
    files = [old, offered, dataclasses.replace(young, modified=150)]

    assert [old] == unused_files(files, {offered.key}, LIMITS)
