"""Which sections of a text are its chapters: as it was read, or as people corrected it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby, pairwise

from bookbytes_pipeline.domain.book import BookText, Chapter, ChapterText, SkippedSection
from bookbytes_pipeline.domain.digest import digest
from bookbytes_pipeline.domain.errors import InvalidCorrection
from bookbytes_pipeline.domain.words import count_words

MAX_CHAPTERS = 300
"""A reference work has thousands of entries, and nobody listens to a summary of each."""
MAX_TITLE_CHARS = 300
SKIPPED = "skipped by the correction"
_CORRECTED = "+"
"""Before the fingerprint of the correction in the fingerprint of a book; no hexadecimal digit."""


@dataclass(frozen=True, slots=True)
class CorrectedChapter:
    """One chapter as people want it: its title, and the numbers of the text's sections that it is made of."""

    title: str
    sections: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """The whole chapter list as people want it. `text` identifies the text it was made for (`text_identity`)."""

    text: str
    chapters: tuple[CorrectedChapter, ...]


@dataclass(frozen=True, slots=True)
class ChosenChapters:
    """The chapters of a text, and all of it that is in none of them.

    `corrected` says whether a correction was followed. `warnings` are sentences about one that was not, and about
    chapters that had to be joined.
    """

    chapters: tuple[Chapter, ...]
    left_out: tuple[SkippedSection, ...]
    corrected: bool = False
    warnings: tuple[str, ...] = ()


def new_title(text: str) -> str:
    """Return a chapter's title as people typed it, on one line; raises `InvalidCorrection` if it cannot be one."""
    title = " ".join(text.split())
    if not (1 <= len(title) <= MAX_TITLE_CHARS and title.isprintable()):
        raise InvalidCorrection(f"A title has 1 to {MAX_TITLE_CHARS} printable characters; {quoted(title)} has not.")
    return title


def text_identity(epub: bytes, text: BookText) -> str:
    """Return what a correction is bound to: the file, and the sections it was read as.

    Another file has other sections under the same numbers, and a later version may cut the same file differently.
    """
    return digest(epub, [[part.section, part.title] for part in parts_of(text).values()])


def correction_fingerprint(correction: Correction | None) -> str:
    """Return a short hash that changes with the correction; empty if there is none."""
    return digest([asdict(correction)])[:12] if correction else ""


def with_correction(recipe: str, fingerprint: str) -> str:
    """Return the fingerprint of a book whose chapters were chosen with the correction that has this fingerprint."""
    return f"{recipe}{_CORRECTED}{fingerprint}" if fingerprint else recipe


def split_recipe(recipe: str) -> tuple[str, str]:
    """Return a book's fingerprint without its correction, and the correction's fingerprint."""
    made_with, _, fingerprint = recipe.partition(_CORRECTED)
    return made_with, fingerprint


def choose_chapters(text: BookText, correction: Correction | None = None, identity: str = "") -> ChosenChapters:
    """Return the chapters of a text: as corrected if the correction was made for it, else as it was read.

    Raises `InvalidCorrection` if the correction was changed by hand into one that cannot be followed.
    """
    if correction is None:
        return _as_read(text)
    if correction.text != identity:
        read = _as_read(text)
        warning = (
            "The chapters were corrected for another text, or before this one was read differently; the correction is "
            "not followed. Look at the chapters and correct them again."
        )
        return replace(read, warnings=(warning, *read.warnings))
    try:
        return chosen_by(text, correction.chapters)
    except InvalidCorrection as error:
        raise InvalidCorrection(
            f"The correction of the chapters of {text.title!r} cannot be followed. {error} "
            "`bookbytes chapters ISBN --reset` drops it."
        ) from error


def chosen_by(text: BookText, wanted: Sequence[CorrectedChapter]) -> ChosenChapters:
    """Return the chapters that are `wanted`; raises `InvalidCorrection` if the text cannot be divided like that."""
    _require_possible(text, wanted)
    parts = parts_of(text)
    chapters = tuple(
        _chapter(number, chapter.title, [parts[section] for section in chapter.sections])
        for number, chapter in enumerate(wanted, start=1)
    )
    used = {section for chapter in wanted for section in chapter.sections}
    unused = tuple(_left_out(part) for section, part in parts.items() if section not in used)
    notes = tuple(part for part in text.left_out if not part.section)
    return ChosenChapters(chapters, (*unused, *notes), corrected=True)


def as_read(text: BookText | None, chapter: Chapter) -> tuple[Chapter, str]:
    """Return a chapter under the number and title that its text has in the book, with that text; empty if none.

    Summaries are asked for like this, so that chapters that only got another number or title keep theirs.
    """
    if text is None:
        return chapter, ""
    if not chapter.sections:
        return chapter, next((part.text for part in text.chapters if part.number == chapter.number), "")
    every = parts_of(text)
    parts = [every[section] for section in chapter.sections]
    first = parts[0]
    before = sum(part.section < first.section for part in text.chapters)
    body = "\n\n".join(part.text for part in parts if part.text)
    return replace(chapter, number=before + 1, title=_joined_title([part.title for part in parts])), body


Part = ChapterText | SkippedSection


def parts_of(text: BookText) -> dict[int, Part]:
    """Return the sections of a text by their numbers, in reading order."""
    parts: Iterable[Part] = (*text.chapters, *text.left_out)
    return {part.section: part for part in sorted(parts, key=lambda part: part.section) if part.section}


def _chapter(number: int, title: str, parts: Sequence[Part]) -> Chapter:
    words = sum(count_words(part.text) for part in parts)
    return Chapter(number, title, words, tuple(part.section for part in parts if part.section))


def _left_out(part: Part) -> SkippedSection:
    if isinstance(part, SkippedSection):
        return part
    return SkippedSection(part.title, count_words(part.text), SKIPPED, part.text, part.section)


def _as_read(text: BookText) -> ChosenChapters:
    if len(text.chapters) <= MAX_CHAPTERS:
        return ChosenChapters(tuple(_chapter(part.number, part.title, [part]) for part in text.chapters), text.left_out)
    groups = _by_part(text.chapters) or _evenly(text.chapters)
    chapters = tuple(_chapter(number, title, parts) for number, (title, parts) in enumerate(groups, start=1))
    warning = (
        f"The book has {len(text.chapters)} chapters, more than {MAX_CHAPTERS}; neighbours are joined into "
        f"{len(chapters)}. Choose others with `bookbytes chapters ISBN --merge` and `--skip`."
    )
    return ChosenChapters(chapters, text.left_out, warnings=(warning,))


Group = tuple[str, Sequence[ChapterText]]


def _by_part(chapters: Sequence[ChapterText]) -> list[Group]:
    """Return the parts that titles name ("Part One: Dawn") and the chapters beside them; none if few titles do."""
    groups = [(name, list(group)) for name, group in groupby(chapters, _part_name)]
    if not 1 < len(groups) <= min(MAX_CHAPTERS, len(chapters) // 2):
        return []
    return [(name if len(group) > 1 else group[0].title, group) for name, group in groups]


def _part_name(chapter: ChapterText) -> str:
    return chapter.title.partition(": ")[0]


def _evenly(chapters: Sequence[ChapterText]) -> list[Group]:
    """Return groups of neighbours, as small as the limit allows, whose sizes differ by one at most."""
    size = -(-len(chapters) // MAX_CHAPTERS)
    count = -(-len(chapters) // size)
    bounds = [index * len(chapters) // count for index in range(count + 1)]
    groups = [chapters[start:end] for start, end in pairwise(bounds)]
    return [(_joined_title([part.title for part in group]), group) for group in groups]


def _joined_title(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{titles[0]} – {titles[-1]}"  # noqa: RUF001 - from … to


def _require_possible(text: BookText, wanted: Sequence[CorrectedChapter]) -> None:
    if not 1 <= len(wanted) <= MAX_CHAPTERS:
        raise InvalidCorrection(f"A book has from 1 to {MAX_CHAPTERS} chapters, not {len(wanted)}.")
    parts = parts_of(text)
    order = [section for chapter in wanted for section in chapter.sections]
    unknown = sorted(set(order) - parts.keys())
    if unknown:
        raise InvalidCorrection(f"The text has no section {unknown[0]}; its sections are 1 to {max(parts, default=0)}.")
    twice = [section for section, times in Counter(order).items() if times > 1]
    if twice:
        raise InvalidCorrection(f"Section {twice[0]} is used more than once.")
    if order != sorted(order):
        raise InvalidCorrection("The sections are not in reading order: numbers have to rise from chapter to chapter.")
    for chapter in wanted:
        if not any(parts[section].text for section in chapter.sections):
            raise InvalidCorrection(f"The chapter {quoted(chapter.title)} has no text.")


def quoted(title: str) -> str:
    """Return a title as it stands in a sentence, shortened."""
    return f"“{title[:60]}”"
