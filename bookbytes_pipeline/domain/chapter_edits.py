"""Changing a chapter list as people ask for it: leave out, keep, rename, merge."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bookbytes_pipeline.domain.book import Chapter, SkippedSection
from bookbytes_pipeline.domain.corrections import ChosenChapters, CorrectedChapter, new_title, quoted
from bookbytes_pipeline.domain.errors import InvalidCorrection

MAX_NAMED = 20
"""More titles than these are not listed in an error."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes to a chapter list; all numbers are those of the list before any of them.

    `keep` names sections that are left out, by title, a part of it, or section number. `merge` holds the first and the
    last number of each range of chapters that become one.
    """

    skip: tuple[int, ...] = ()
    keep: tuple[str, ...] = ()
    rename: tuple[tuple[int, str], ...] = ()
    merge: tuple[tuple[int, int], ...] = ()


def edited(current: ChosenChapters, edits: Edits) -> tuple[CorrectedChapter, ...]:
    """Return the list that the edits make of the `current` one, which has sections.

    Raises `InvalidCorrection`, which says what is possible, for a number or title that is not there, for edits that
    contradict each other, and if nothing would be left.
    """
    new_titles = _new_titles(current, edits)
    skipped = {_known(current, number) for number in edits.skip}
    groups = _groups(current, edits.merge)
    staying = [group for group in groups if any(chapter.number not in skipped for chapter in group)]
    chapters = [_joined(group, skipped, new_titles) for group in staying]
    for kept in [_kept(current, wanted) for wanted in edits.keep]:
        chapters = _with(chapters, kept)
    if not chapters:
        raise InvalidCorrection("That would leave no chapter; at least one has to stay.")
    return tuple(chapters)


def _known(current: ChosenChapters, number: int) -> int:
    if not 1 <= number <= len(current.chapters):
        raise InvalidCorrection(f"There is no chapter {number}; the chapters are 1 to {len(current.chapters)}.")
    return number


def _new_titles(current: ChosenChapters, edits: Edits) -> dict[int, str]:
    titles = {_known(current, number): new_title(title) for number, title in edits.rename}
    if len(titles) < len(edits.rename):
        raise InvalidCorrection("A chapter can have only one new title.")
    both = sorted(titles.keys() & set(edits.skip))
    if both:
        raise InvalidCorrection(f"Chapter {both[0]} is to be skipped and renamed; choose one of them.")
    return titles


def _groups(current: ChosenChapters, merge: Iterable[tuple[int, int]]) -> list[list[Chapter]]:
    """Return the chapters in the groups that the ranges make; ranges that share a chapter make one."""
    follows: set[int] = set()
    for first, last in merge:
        if _known(current, first) >= _known(current, last):
            raise InvalidCorrection(
                f"Chapters {first} to {last} cannot be merged: name the first and the last of them."
            )
        follows.update(range(first + 1, last + 1))
    groups: list[list[Chapter]] = []
    for chapter in current.chapters:
        if chapter.number in follows:
            groups[-1].append(chapter)
        else:
            groups.append([chapter])
    return groups


def _joined(group: Sequence[Chapter], skipped: set[int], new_titles: Mapping[int, str]) -> CorrectedChapter:
    """Return the group as one chapter with the new title of any of them, else that of the first that stays."""
    titles = [new_titles[chapter.number] for chapter in group if chapter.number in new_titles]
    if len(titles) > 1:
        raise InvalidCorrection(f"Chapters that are merged can have only one new title, not {_listed(titles)}.")
    staying = [chapter for chapter in group if chapter.number not in skipped]
    sections = tuple(section for chapter in staying for section in chapter.sections)
    return CorrectedChapter(titles[0] if titles else staying[0].title, sections)


def _kept(current: ChosenChapters, wanted: str) -> SkippedSection:
    """Return the section that is left out under this title or number, or whose title alone has this part."""
    possible = [part for part in current.left_out if part.section and part.text]
    name = " ".join(wanted.split()).casefold()
    found = (
        [part for part in possible if " ".join(part.title.split()).casefold() == name]
        or [part for part in possible if str(part.section) == name]
        or [part for part in possible if name in part.title.casefold()]
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidCorrection(
            f"{quoted(wanted)} is the title of several sections; keep one by its number: {_numbered(found)}."
        )
    choice = f"These are left out: {_numbered(possible)}." if possible else "Nothing is left out that could be kept."
    raise InvalidCorrection(f"No section that is left out is called {quoted(wanted)}. {choice}")


def _with(chapters: Sequence[CorrectedChapter], kept: SkippedSection) -> list[CorrectedChapter]:
    """Put a section in its place: between two chapters, or into the one that has sections on both sides of it."""
    if any(kept.section in chapter.sections for chapter in chapters):
        return list(chapters)
    before = [chapter for chapter in chapters if chapter.sections[-1] < kept.section]
    after = list(chapters[len(before) :])
    if after and after[0].sections[0] < kept.section:
        around = after.pop(0)
        placed = replace(around, sections=tuple(sorted((*around.sections, kept.section))))
    else:
        placed = CorrectedChapter(kept.title, (kept.section,))
    return [*before, placed, *after]


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(map(quoted, titles[:MAX_NAMED]))


def _numbered(parts: Sequence[SkippedSection]) -> str:
    named = ", ".join(f"{part.section} {quoted(part.title)}" for part in parts[:MAX_NAMED])
    return f"{named} and {len(parts) - MAX_NAMED} more" if len(parts) > MAX_NAMED else named
