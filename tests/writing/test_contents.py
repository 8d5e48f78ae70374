"""Which chapters are accepted from a printed table of contents."""

from collections.abc import Sequence

import pytest

from bookbytes_pipeline.domain.book import Chapter, ContentsRow
from bookbytes_pipeline.writing.contents import plausible_chapters

ABC = ("Ashes", "Bread", "Cinders")


def flat(*titles: str) -> list[ContentsRow]:
    """Return a table of contents with a single level."""
    return [ContentsRow(title) for title in titles]


def titles(rows: Sequence[ContentsRow], pages: int | None = None) -> tuple[str, ...]:
    """Return the titles of the accepted chapters."""
    return tuple(chapter.title for chapter in plausible_chapters(rows, pages))


def test_chapters_are_numbered_without_gaps() -> None:
    """Skipped rows leave no gap in the numbers."""
    chapters = plausible_chapters(flat("Acknowledgements", "Ashes", "15", "Bread", "Cinders", "Index"), 200)

    assert chapters == (Chapter(1, "Ashes"), Chapter(2, "Bread"), Chapter(3, "Cinders"))


def test_labels_are_not_part_of_titles() -> None:
    """`Chapter 1` and `I.` beside the titles are numbers, not names."""
    rows = [ContentsRow("Ashes", "Chapter 1"), ContentsRow("Bread", "II."), ContentsRow("Cinders", "3")]

    assert titles(rows) == ABC


def test_a_row_with_only_a_label_is_named_by_it() -> None:
    """A novel may only number its chapters; a page number instead of a title changes nothing."""
    rows = [ContentsRow("", "Chapter 1"), ContentsRow("17", "Chapter 2"), ContentsRow("", "Chapter 3")]

    assert titles(rows) == ("Chapter 1", "Chapter 2", "Chapter 3")


def test_numbers_before_most_titles_are_dropped() -> None:
    """Numbers that continue through the list are not part of the titles."""
    assert titles(flat("1. Ashes", "2. Bread", "Chapter 3: Cinders", "IV. Dust")) == (*ABC, "Dust")


def test_an_initial_is_not_a_number() -> None:
    """`V. Nabokov` in a list without numbers is a name."""
    assert titles(flat("V. Nabokov", "D. Mirsky", "The exiles")) == ("V. Nabokov", "D. Mirsky", "The exiles")


def test_catalogue_punctuation_is_removed() -> None:
    """Dashes, final stops, dotted leaders and authors after a slash were added by the cataloguer or the printer."""
    rows = flat(
        "Ashes --", "- Bread / Mary Wollstonecraft", "Law ; or, order", "Cinders ........ 12", "The U.S.", "Embers."
    )

    assert titles(rows) == ("Ashes", "Bread", "Law; or, order", "Cinders", "The U.S.", "Embers")


def test_front_and_back_matter_is_not_a_chapter() -> None:
    """Lists and acknowledgements around the text are skipped, in any wording."""
    matter = flat(
        *("Contents", "List of maps", "Dedication", "Notes", "Notes and references", "Select bibliography", "Index."),
        *("Index of names", "Acknowledgments", "Appendix B: the letters", "About the author", "Further reading"),
        *("Books of Shestov (p. xxv-xxvi)", "Literaturverzeichnis", "Remerciements", "Includes bibliographical notes"),
    )

    assert titles([*matter[:3], *flat(*ABC), *matter[3:]]) == ABC


def test_independent_texts_are_chapters() -> None:
    """Forewords, introductions and epilogues are chapters, and so are titles that only resemble back matter."""
    rows = flat("Foreword", "Introduction", "Notes from the underground", "Sources of the self", "Epilogue")

    assert titles(rows) == ("Foreword", "Introduction", "Notes from the underground", "Sources of the self", "Epilogue")


@pytest.mark.parametrize(
    "rows", [[], flat("Ashes"), flat("Ashes", "Bread"), flat("Ashes", "Bread", "Index", "7", "ix")]
)
def test_fewer_than_three_chapters_are_not_accepted(rows: list[ContentsRow]) -> None:
    """Two rows are a note about a book, not its contents."""
    assert titles(rows) == ()


def test_more_than_a_hundred_chapters_are_not_accepted() -> None:
    """A hundred chapters is the maximum; a songbook has more."""
    songs = flat(*(f"Song of the {word} river" for word in range(101)))

    assert (len(titles(songs[:100])), titles(songs)) == (100, ())


@pytest.mark.parametrize(("pages", "accepted"), [(5, False), (6, True), (240, True), (241, False), (1193, False)])
def test_chapters_have_a_plausible_length(pages: int, accepted: bool) -> None:
    """Three rows are the chapters of a book of 6 to 240 pages, and not of a book of 1,193."""
    assert accepted == bool(titles(flat(*ABC), pages))


@pytest.mark.parametrize(
    "rows",
    [
        flat("v. 1. The structures of everyday life", "v. 2. The wheels of commerce", "v. 3. The world", "Index"),
        flat("[v. 1-2] Autobiography", "[v. 3] Letters", "Essays", "Speeches"),
        flat("Vol. I: Ashes", "Vol. II: Bread", "Vol. III: Cinders"),
        flat("Pt. 1. The fellowship of the ring --", "pt. 2. The two towers --", "pt. 3. The return of the king."),
    ],
)
def test_volumes_are_not_chapters(rows: list[ContentsRow]) -> None:
    """Volumes of a set and parts of a trilogy contain chapters that are not listed."""
    assert titles(rows) == ()


def test_a_roman_chapter_five_is_not_a_volume() -> None:
    """`V.` before a number is a volume only if other rows have it too."""
    rows = flat("I. Ashes", "II. Bread", "III. Cinders", "IV. Dust", "V. 3 embers", "VI. Flames")

    assert titles(rows) == ("Ashes", "Bread", "Cinders", "Dust", "3 embers", "Flames")


def test_whole_parts_in_single_rows_are_not_accepted() -> None:
    """If rows contain several titles each, chapters and sections cannot be distinguished."""
    rows = flat("Saturn. On Paul Goodman ; Approaching Artaud ; Fascinating fascism", "Ashes", "A -- B -- C", "Bread")

    assert titles(rows) == ()


def test_a_row_as_long_as_a_page_is_not_accepted() -> None:
    """A title of more than 250 characters is an abstract or a separate list."""
    assert titles(flat(*ABC, "word " * 60)) == ()


def test_sections_below_chapters_are_skipped() -> None:
    """An outer list of chapters takes precedence over the sections below, whose numbers restart."""
    rows = [
        row
        for title in ABC
        for row in (ContentsRow(title, level=1), ContentsRow("Early", "1", 2), ContentsRow("Late", "2", 2))
    ]

    assert titles(rows) == ABC


def test_numbered_sections_of_one_chapter_do_not_make_it_a_part() -> None:
    """Numbers continue from part to part; below a single chapter they are its sections."""
    sections = [ContentsRow(f"Section {title}", str(number), 1) for number, title in enumerate("abc", start=1)]

    assert titles([ContentsRow("Ashes"), *sections, *flat("Bread", "Cinders")]) == ABC


def test_chapters_below_parts_are_used() -> None:
    """Parts are headings; the introduction and the epilogue at the same level are chapters too."""
    rows = [
        ContentsRow("Foreword"),
        ContentsRow("Introduction"),
        ContentsRow("Part One: Fire"),
        ContentsRow("Ashes", level=1),
        ContentsRow("Bread", level=1),
        ContentsRow("Part Two: Water"),
        ContentsRow("Cinders", level=1),
        ContentsRow("Epilogue"),
        ContentsRow("Index"),
    ]

    assert titles(rows) == ("Foreword", "Introduction", *ABC, "Epilogue")


def test_chapters_with_continuing_numbers_are_below_parts() -> None:
    """Headings without the word part are parts if the numbers below continue from each to the next."""
    rows = [
        *(ContentsRow("Youth"), ContentsRow("Ashes", "1", 1), ContentsRow("Bread", "2", 1)),
        *(ContentsRow("Prime"), ContentsRow("Cinders", "3", 1)),
        *(ContentsRow("Age"), ContentsRow("Dust", "4", 1)),
    ]

    assert titles(rows) == (*ABC, "Dust")


def test_a_level_labelled_chapter_has_the_chapters() -> None:
    """Rows labelled as chapters are chapters, whatever is above them."""
    rows = [
        row
        for number, title in enumerate(ABC, start=1)
        for row in (ContentsRow(f"Day {number}"), ContentsRow(title, "Chapter 1", 1))
    ]

    assert titles(rows) == ABC


def test_an_introduction_entered_above_the_chapters_is_kept() -> None:
    """An introduction is a chapter even if the chapters were entered below it."""
    chapters = [ContentsRow(title, str(number), 2) for number, title in enumerate(ABC, start=1)]
    rows = [ContentsRow("Introduction", level=1), *chapters, ContentsRow("Notes", level=1)]

    assert titles(rows, 212) == ("Introduction", *ABC)


def test_part_headings_among_the_chapters_are_skipped() -> None:
    """A list with a single level may include its part headings."""
    assert titles(flat("Part I", "Ashes", "Bread", "Part II", "Cinders")) == ABC


def test_chapters_whose_numbers_restart_are_named_with_their_part() -> None:
    """`Chapter 1` of two parts are two chapters, distinguished by their parts."""
    rows = flat("Part I", "Chapter 1", "Chapter 2", "Part II", "Chapter 1", "Finale")

    assert titles(rows) == ("Part I: Chapter 1", "Chapter 2", "Part II: Chapter 1", "Finale")


def test_a_repeated_title_counts_once() -> None:
    """A repeated title is listed only the first time."""
    assert titles(flat(*ABC, "Bread", "Dust")) == (*ABC, "Dust")


def test_a_list_that_repeats_itself_is_not_accepted() -> None:
    """A list entered twice, or numbers that restart without their parts, is not a list of chapters."""
    assert titles(flat(*ABC, *ABC)) == ()
