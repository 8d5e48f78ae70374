"""Whether a printed table of contents can be believed, and which chapters it then names.

Catalogues hold anything under this name: the volumes of a set, three parts of a book of a thousand pages, a songbook's
356 songs, page numbers, a whole list in one row. A wrong chapter list costs more than none, because a language model
writes about every title it is given: in doubt the answer is no chapters, and another source is asked.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bookbytes_pipeline.domain.book import Chapter, ContentsRow
from bookbytes_pipeline.writing.contents_rows import (
    chapter_title,
    heading,
    is_apparatus,
    is_chapter,
    is_part,
    is_run_together,
    is_text_of_its_own,
    is_volume,
    number_of,
    tidied,
)

MIN_CHAPTERS = 3
MAX_CHAPTERS = 100
MAX_TITLE_CHARS = 250
MIN_PAGES_PER_CHAPTER = 2
MAX_PAGES_PER_CHAPTER = 80

_NUMBER_IN_FRONT = re.compile(r"(?:\d{1,3}|[IVXLC]{1,6})[.):]\s+(?=\w)")


def plausible_chapters(rows: Sequence[ContentsRow], pages: int | None) -> tuple[Chapter, ...]:
    """The chapters that the rows name, numbered from 1, or none if the rows cannot be believed.

    `pages` is the length of the book, None where nobody counted.
    """
    legible = [tidy for row in rows if (tidy := tidied(row))]
    if _is_a_set_of_volumes(legible) or _is_run_together(legible):
        return ()
    for level in _chapter_levels(legible):
        titles = _titles(legible, level)
        if _is_believable(titles, pages):
            return tuple(Chapter(number, title) for number, title in enumerate(dict.fromkeys(titles), start=1))
    return ()


def _is_a_set_of_volumes(rows: Sequence[ContentsRow]) -> bool:
    """Several volumes belong to a set; which of them this ISBN names is not said."""
    return sum(map(is_volume, rows)) > 1


def _is_run_together(rows: Sequence[ContentsRow]) -> bool:
    """Where one row in four holds several titles, chapters and sections cannot be told apart."""
    return 4 * sum(map(is_run_together, rows)) > len(rows)


def _chapter_levels(rows: Sequence[ContentsRow]) -> Sequence[int]:
    """The levels that may be that of the chapters: one that says so, else from the outermost to the innermost.

    An outer one comes first because what lies beneath it are sections as a rule, and its list is complete.
    """
    levels = sorted({row.level for row in rows})
    named = [level for level in levels if _names_chapters(rows, level)]
    return named[:1] or [level for level in levels if not _holds_parts(rows, level)]


def _names_chapters(rows: Sequence[ContentsRow], level: int) -> bool:
    here = [row for row in rows if row.level == level and not is_apparatus(row)]
    return 2 * sum(map(is_chapter, here)) > len(here)


def _holds_parts(rows: Sequence[ContentsRow], level: int) -> bool:
    """Parts stand above chapters: called so, or because the numbers beneath run on from one to the next."""
    above = [row for row, following in pairwise(rows) if row.level == level < following.level]
    beneath = [number_of(row) for row in rows if row.level == level + 1]
    numbers = [number for number in beneath if number is not None]
    runs_on = len(numbers) >= MIN_CHAPTERS and all(number < following for number, following in pairwise(numbers))
    return any(map(is_part, above)) or (len(above) > 1 and runs_on)


def _titles(rows: Sequence[ContentsRow], level: int) -> Sequence[str]:
    """The titles at this level; one that comes back in another part, like `Chapter 1`, is named with its part."""
    entries = list(_entries(rows, level))
    plain = _without_numbers([chapter_title(row) for _, row in entries])
    counts = Counter(plain)
    parts = [part for part, _ in entries]
    return [
        f"{part}: {title}" if part and counts[title] > 1 else title for part, title in zip(parts, plain, strict=True)
    ]


def _entries(rows: Sequence[ContentsRow], level: int) -> Iterator[tuple[str, ContentsRow]]:
    """Every row that is a chapter if `level` is theirs, after the heading of the part it stands in.

    Rows further out count too unless they head something: an introduction stands beside the parts.
    """
    part = ""
    for row, depth_below in zip(rows, [*(row.level for row in rows[1:]), 0], strict=True):
        heads = row.level < level and depth_below > row.level and not is_text_of_its_own(row)
        if heads or is_part(row):
            part = heading(row)
        elif row.level <= level and not is_apparatus(row):
            yield part, row


def _without_numbers(titles: Sequence[str]) -> Sequence[str]:
    """Without the numbers in front, if most have one: `V. Nabokov` alone is a name."""
    numbered = sum(bool(_NUMBER_IN_FRONT.match(title)) for title in titles)
    return [_NUMBER_IN_FRONT.sub("", title, count=1) for title in titles] if 2 * numbered > len(titles) else titles


def _is_believable(titles: Sequence[str], pages: int | None) -> bool:
    return (
        _is_a_chapter_count(len(set(titles)))
        and _fits(len(set(titles)), pages)
        and not _repeats_itself(titles)
        and all(len(title) <= MAX_TITLE_CHARS for title in titles)  # a longer one is an abstract, or a list of its own
    )


def _is_a_chapter_count(count: int) -> bool:
    """Two rows are a remark; more than a hundred are songs, poems or letters."""
    return MIN_CHAPTERS <= count <= MAX_CHAPTERS


def _fits(count: int, pages: int | None) -> bool:
    """Chapters of 400 pages are the parts of a book; chapters of one page are a set counted in volumes."""
    return pages is None or MIN_PAGES_PER_CHAPTER * count <= pages <= MAX_PAGES_PER_CHAPTER * count


def _repeats_itself(titles: Sequence[str]) -> bool:
    """A quarter of repeats is more than interludes: a list entered twice, or parts whose headings were lost."""
    return 4 * (len(titles) - len(set(titles))) > len(titles)
