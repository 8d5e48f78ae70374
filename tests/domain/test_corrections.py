"""Which sections of a text are its chapters: as it was read, and as people corrected it."""

from dataclasses import replace

import pytest

from bookbytes_pipeline.domain.book import BookText, Chapter, ChapterText, SkippedSection
from bookbytes_pipeline.domain.chapter_edits import Edits, edited
from bookbytes_pipeline.domain.corrections import (
    MAX_CHAPTERS,
    ChosenChapters,
    CorrectedChapter,
    Correction,
    as_read,
    choose_chapters,
    chosen_by,
    correction_fingerprint,
    split_recipe,
    text_identity,
    with_correction,
)
from bookbytes_pipeline.domain.errors import InvalidCorrection

RIVERS = BookText(
    "On Rivers",
    (
        ChapterText(1, "Springs", "one two three", 2),
        ChapterText(2, "Rapids", "four five", 3),
        ChapterText(3, "Lakes", "six", 5),
        ChapterText(4, "Deltas", "seven eight", 6),
    ),
    left_out=(
        SkippedSection("Imprint", 40, "imprint", "printed here", 1),
        SkippedSection("A Map", 9, "unlisted page", "north is up", 4),
        SkippedSection("Springs", 12, "footnotes"),
        SkippedSection("Notes on Sources", 80, "endnotes", "a note", 7),
        SkippedSection("Notes on Maps", 70, "endnotes", "a map", 8),
        SkippedSection("Plates", 2, "title page", "", 9),
    ),
)
AS_READ = choose_chapters(RIVERS)


def outcome(edits: Edits) -> list[tuple[str, tuple[int, ...]]]:
    """The chapters of the book after these edits, as titles and sections."""
    return [(chapter.title, chapter.sections) for chapter in edited(AS_READ, edits)]


def many(titles: list[str]) -> BookText:
    """A book with chapters of ten words under these titles."""
    chapters = [ChapterText(number, title, "word " * 10, number) for number, title in enumerate(titles, start=1)]
    return BookText("Saga", tuple(chapters))


def test_without_a_correction_the_chapters_are_those_of_the_text() -> None:
    """Each has its words and its one section; what is left out stays as the reader said."""
    assert (
        Chapter(1, "Springs", 3, (2,)),
        Chapter(2, "Rapids", 2, (3,)),
        Chapter(3, "Lakes", 1, (5,)),
        Chapter(4, "Deltas", 2, (6,)),
    ) == AS_READ.chapters
    assert (RIVERS.left_out, False, ()) == (AS_READ.left_out, AS_READ.corrected, AS_READ.warnings)


def test_a_skipped_chapter_is_left_out() -> None:
    """The others keep their titles."""
    assert [("Springs", (2,)), ("Lakes", (5,)), ("Deltas", (6,))] == outcome(Edits(skip=(2,)))


@pytest.mark.parametrize("wanted", ["A Map", "  a  MAP ", "4", "a ma"])
def test_a_kept_section_takes_its_place_in_the_book(wanted: str) -> None:
    """It is found by its title whatever its case, by its number, and by a part of the title that no other has."""
    expected = [("Springs", (2,)), ("Rapids", (3,)), ("A Map", (4,)), ("Lakes", (5,)), ("Deltas", (6,))]

    assert expected == outcome(Edits(keep=(wanted,)))


def test_sections_are_kept_before_the_first_chapter_and_behind_the_last() -> None:
    """Each is a chapter of its own, and one that is named twice is one."""
    titles = [title for title, _ in outcome(Edits(keep=("Imprint", "Notes on Maps", "8", "notes on sources")))]

    assert ["Imprint", "Springs", "Rapids", "Lakes", "Deltas", "Notes on Sources", "Notes on Maps"] == titles


def test_merged_chapters_have_the_title_of_the_first() -> None:
    """All numbers are those of the list before; ranges that share a chapter make one."""
    assert [("Springs", (2,)), ("Rapids", (3, 5)), ("Deltas", (6,))] == outcome(Edits(merge=((2, 3),)))
    assert [("Springs", (2, 3, 5)), ("Deltas", (6,))] == outcome(Edits(merge=((2, 3), (1, 2))))


def test_edits_are_combined() -> None:
    """A merged chapter has the new title of any of its chapters, a skipped one is not in it, and a map goes into it."""
    edits = Edits(skip=(3,), keep=("A Map",), rename=((4, " The  End "),), merge=((2, 4),))

    assert [("Springs", (2,)), ("The End", (3, 4, 6))] == outcome(edits)


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        (Edits(skip=(9,)), "There is no chapter 9; the chapters are 1 to 4."),
        (Edits(skip=(0,)), "There is no chapter 0"),
        (Edits(rename=((5, "x"),)), "There is no chapter 5"),
        (Edits(merge=((3, 5),)), "There is no chapter 5"),
        (Edits(merge=((3, 2),)), "Chapters 3 to 2 cannot be merged"),
        (Edits(merge=((3, 3),)), "name the first and the last"),
        (Edits(skip=(1, 2, 3, 4)), "at least one has to stay"),
        (Edits(rename=((1, "a"), (1, "b"))), "only one new title"),
        (Edits(rename=((1, "a"), (2, "b")), merge=((1, 2),)), "only one new title, not “a”, “b”"),
        (Edits(rename=((1, "a"),), skip=(1,)), "Chapter 1 is to be skipped and renamed"),
        (Edits(rename=((1, " \n"),)), "A title has 1 to 300 printable characters"),
        (Edits(rename=((1, "x" * 301),)), "A title has 1 to 300"),
        (Edits(rename=((1, "a\x00b"),)), "printable"),
        (Edits(keep=("notes",)), "several sections; keep one by its number: 7 “Notes on Sources”, 8 “Notes on Maps”."),
        (Edits(keep=("Glossary",)), "called “Glossary”. These are left out: 1 “Imprint”, 4 “A Map”, 7 “Notes on S"),
        (Edits(keep=("Plates",)), "No section that is left out is called “Plates”"),
        (Edits(keep=("Deltas",)), "No section that is left out is called “Deltas”"),
    ],
)
def test_impossible_edits_are_refused(edits: Edits, message: str) -> None:
    """The message says what is possible."""
    with pytest.raises(InvalidCorrection) as refused:
        edited(AS_READ, edits)

    assert message in str(refused.value)


def test_a_book_without_left_out_sections_has_none_to_keep() -> None:
    """The message does not end in an empty list."""
    with pytest.raises(InvalidCorrection, match="Nothing is left out that could be kept"):
        edited(replace(AS_READ, left_out=()), Edits(keep=("Imprint",)))


def test_a_correction_is_followed() -> None:
    """Chapters are numbered anew, with the words of all their sections; what is in none of them is named."""
    chosen = chosen_by(RIVERS, [CorrectedChapter("Down", (3, 4)), CorrectedChapter("Out", (6, 7))])

    assert (Chapter(1, "Down", 5, (3, 4)), Chapter(2, "Out", 4, (6, 7))) == chosen.chapters
    left_out = [(part.section, part.title, part.words, part.reason) for part in chosen.left_out]
    assert chosen.corrected
    assert left_out == [
        (1, "Imprint", 40, "imprint"),
        (2, "Springs", 3, "skipped by the correction"),
        (5, "Lakes", 1, "skipped by the correction"),
        (8, "Notes on Maps", 70, "endnotes"),
        (9, "Plates", 2, "title page"),
        (0, "Springs", 12, "footnotes"),
    ]


def test_a_skipped_chapter_can_be_kept_again() -> None:
    """It is left out like any other section, under its own title."""
    without = chosen_by(RIVERS, edited(AS_READ, Edits(skip=(2,))))

    assert AS_READ.chapters == chosen_by(RIVERS, edited(without, Edits(keep=("Rapids",)))).chapters


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ([], "from 1 to 300 chapters, not 0"),
        ([(2,), (10,)], "no section 10; its sections are 1 to 9"),
        ([(0,)], "no section 0"),
        ([(2, 3), (3,)], "Section 3 is used more than once"),
        ([(3,), (2,)], "not in reading order"),
        ([(3, 2)], "not in reading order"),
        ([(2,), (9,)], "The chapter “Title” has no text"),
        ([(2,), ()], "The chapter “Title” has no text"),
        ([(2,)] * 301, "not 301"),
    ],
)
def test_an_impossible_list_is_refused(sections: list[tuple[int, ...]], message: str) -> None:
    """Also if it was written into the file by hand."""
    chapters = tuple(CorrectedChapter("Title", numbers) for numbers in sections)

    with pytest.raises(InvalidCorrection, match=message):
        choose_chapters(RIVERS, Correction("id", chapters), "id")


def test_a_correction_of_another_text_is_not_followed() -> None:
    """The chapters are those that were read, and a warning says so."""
    identity = text_identity(b"PK", RIVERS)
    correction = Correction(identity, (CorrectedChapter("Down", (3, 4)),))
    recut = replace(RIVERS, chapters=RIVERS.chapters[:2])

    assert choose_chapters(RIVERS, correction, identity).corrected
    assert len({identity, text_identity(b"PK2", RIVERS), text_identity(b"PK", recut)}) == 3
    chosen = choose_chapters(RIVERS, correction, text_identity(b"PK2", RIVERS))
    assert (AS_READ.chapters, False) == (chosen.chapters, chosen.corrected)
    assert "corrected for another text" in chosen.warnings[0]


def test_a_summary_is_asked_for_under_the_number_and_title_in_the_text() -> None:
    """So a chapter that only got another number or title has the summary that it had; its text is that of all parts."""
    renumbered = Chapter(1, "Quick Water", 2, (3,))
    joined = Chapter(2, "Still Water", 4, (4, 5))

    assert (Chapter(2, "Rapids", 2, (3,)), "four five") == as_read(RIVERS, renumbered)
    assert (Chapter(3, "A Map – Lakes", 4, (4, 5)), "north is up\n\nsix") == as_read(RIVERS, joined)
    assert all(
        (chapter, RIVERS.chapters[chapter.number - 1].text) == as_read(RIVERS, chapter) for chapter in AS_READ.chapters
    )


def test_a_list_of_version_0_3_has_the_texts_of_its_numbers() -> None:
    """Its chapters have no sections; where there is no text, it is empty."""
    assert (Chapter(2, "Rapids"), "four five") == as_read(RIVERS, Chapter(2, "Rapids"))
    assert (Chapter(9, "Rapids"), "") == as_read(RIVERS, Chapter(9, "Rapids"))
    assert (Chapter(2, "Rapids"), "") == as_read(None, Chapter(2, "Rapids"))


def test_the_fingerprint_of_a_book_names_its_correction() -> None:
    """A book without one has the fingerprint that version 0.3.0 gave it."""
    first = Correction("id", (CorrectedChapter("Down", (3, 4)),))
    prints = {correction_fingerprint(first), correction_fingerprint(replace(first, text="other")), ""}

    assert len(prints) == 3
    assert "" == correction_fingerprint(None)
    assert "abc-def" == with_correction("abc-def", "")
    assert ("abc-def", "123") == split_recipe(with_correction("abc-def", "123"))
    assert ("abc-def", "") == split_recipe("abc-def")


def test_three_hundred_chapters_stay_as_they_are() -> None:
    """The limit itself is allowed."""
    chosen = choose_chapters(many([f"Entry {number}" for number in range(1, MAX_CHAPTERS + 1)]))

    assert (MAX_CHAPTERS, ()) == (len(chosen.chapters), chosen.warnings)


@pytest.mark.parametrize(("count", "joined"), [(301, 151), (310, 155), (601, 201), (3000, 300)])
def test_more_chapters_are_joined_evenly(count: int, joined: int) -> None:
    """No word is lost, neighbours stay in order, groups differ by one at most, and a warning says what can be done."""
    text = many([f"Entry {number}" for number in range(1, count + 1)])

    chosen = choose_chapters(text)

    sizes = {len(chapter.sections) for chapter in chosen.chapters}
    assert joined == len(chosen.chapters)
    assert max(sizes) - min(sizes) <= 1
    assert list(range(1, count + 1)) == [section for chapter in chosen.chapters for section in chapter.sections]
    assert count * 10 == sum(chapter.words for chapter in chosen.chapters)
    assert f"has {count} chapters, more than 300; neighbours are joined into {joined}" in chosen.warnings[0]
    assert "--merge" in chosen.warnings[0]


def test_joined_neighbours_have_the_titles_of_first_and_last() -> None:
    """As a volume of an encyclopaedia does; one that stays alone keeps its title."""
    chosen = choose_chapters(many([f"Entry {number}" for number in range(1, 302)]))

    titles = [chapter.title for chapter in chosen.chapters]
    assert ["Entry 1", "Entry 2 – Entry 3"] == titles[:2]


def test_parts_are_joined_where_titles_name_them() -> None:
    """Chapters beside the parts stay alone."""
    titles = [f"Book {part}: Chapter {number}" for part in "ABCD" for number in range(1, 81)]

    chosen = choose_chapters(many(["Preface", *titles]))

    assert [("Preface", 1), ("Book A", 80), ("Book B", 80), ("Book C", 80), ("Book D", 80)] == [
        (chapter.title, len(chapter.sections)) for chapter in chosen.chapters
    ]


def test_numbers_in_titles_are_no_parts() -> None:
    """“1: Dawn” names a chapter, which has no neighbour with the same number."""
    chosen = choose_chapters(many([f"{number}: Dawn" for number in range(1, 311)]))

    assert ("1: Dawn – 2: Dawn", 155) == (chosen.chapters[0].title, len(chosen.chapters))


def test_chosen_chapters_without_edits_are_the_same_list() -> None:
    """A correction without an edit keeps what is shown, joined neighbours included."""
    text = many([f"Entry {number}" for number in range(1, 311)])
    chosen = choose_chapters(text)

    again: ChosenChapters = chosen_by(text, edited(chosen, Edits()))
    assert chosen.chapters == again.chapters
