"""What a printed page leaves behind in a text: page numbers, running heads, divided words, lines as paragraphs.

Scanners and converters of PDF files keep these; a listener must not hear them.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.matter import is_chapter_title, is_part_title, plain

MIN_PAGE_NUMBERS = 4
MIN_RUNNING_HEADS = 4
MAX_RUNNING_WORDS = 8
MIN_BROKEN_LINES = 5
MIN_BROKEN_SHARE = 0.4
LINE_WORDS = range(5, 26)
FULL_LINE_SHARE = 0.75
MIN_VERSE_NUMBERS = 3
MIN_WORDS_AFTER_INITIAL = 3
RISING_SHARE = 0.8
BREAKING_SHARE = 0.3

Place = tuple[int, int]
"""A page, and one of its blocks."""

_DIGITS = re.compile(r"\d+")
_WORDS_OF_A_LETTER = frozenset("AIOEYÀÉaioey")

_PAGE_MARK = re.compile(r"\s?(?:\[(?:Pg|pg|Page|page|p\.|S\.|Seite)\s?(?:\d{1,4}|[ivxlc]{1,7})\]|\{\d{1,4}\})\s?")
_LONE_NUMBER = re.compile(r"[-–—\[(\s]*(\d{1,4})[-–—\])\s]*")
_DIVIDED = re.compile(r"\b([^\W\d_]{2,})[-‐¬] ([^\W\d_]{2,})")
_JOINING = frozenset("and or und oder sowie bis et ou y o e ed och og en ja и или i lub a".split())  # noqa: SIM905
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]」』]*$")
_VERSE_NUMBER = re.compile(r"\s+(\d{1,4})$")
_INITIAL = re.compile(r"[\"'“‘«„]?[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def without_print_layout(texts: Sequence[PageText]) -> tuple[PageText, ...]:
    """Return the pages as a flow of whole sentences and words."""
    numbers = _page_numbers(texts)
    removed: dict[int, set[int]] = {}
    for page, index in (*numbers, *_running_heads(texts, numbers)):
        removed.setdefault(page, set()).add(index)
    return tuple(_with_whole_words(_mended(text, removed.get(page, set()))) for page, text in enumerate(texts))


def _page_numbers(texts: Sequence[PageText]) -> set[Place]:
    """Return the paragraphs that are only a number and run on, in the middle of sentences."""
    found = [
        (page, index, int(number.group(1)))
        for page, text in enumerate(texts)
        for index, block in enumerate(text.blocks)
        if not block.level and not block.note and (number := _LONE_NUMBER.fullmatch(block.text))
    ]
    rising = sum(before[2] < after[2] for before, after in pairwise(found))
    breaking = sum(_breaks_sentence(texts[page].blocks, index) for page, index, _ in found)
    if (
        len(found) < MIN_PAGE_NUMBERS
        or rising < RISING_SHARE * (len(found) - 1)
        or breaking < BREAKING_SHARE * len(found)
    ):
        return set()
    return {(page, index) for page, index, _ in found}


def _breaks_sentence(blocks: Sequence[Block], index: int) -> bool:
    before = blocks[index - 1].text if index else ""
    after = blocks[index + 1].text if index + 1 < len(blocks) else ""
    return bool(before and not _SENTENCE_END.search(before)) or after[:1].islower()


def _running_heads(texts: Sequence[PageText], numbers: Collection[Place]) -> set[Place]:
    """Return short paragraphs that come again and again beside page numbers or with one."""
    places: dict[str, list[Place]] = {}
    for page, text in enumerate(texts):
        for index, block in enumerate(text.blocks):
            if not block.level and block.words <= MAX_RUNNING_WORDS and not _SENTENCE_END.search(block.text):
                places.setdefault(_DIGITS.sub("", plain(block.text)).strip(), []).append((page, index))
    return {
        place
        for words, found in places.items()
        if words and len(found) >= MIN_RUNNING_HEADS and _is_running(texts, found, numbers)
        for place in found
    }


def _is_running(texts: Sequence[PageText], found: Sequence[Place], numbers: Collection[Place]) -> bool:
    beside = sum((page, index - 1) in numbers or (page, index + 1) in numbers for page, index in found)
    breaking = sum(_breaks_sentence(texts[page].blocks, index) for page, index in found)
    numbered = {text for page, index in found if _DIGITS.search(text := texts[page].blocks[index].text)}
    together = set(found)
    listed = any((page, index + 1) in together for page, index in found)
    titles = sum(is_chapter_title(text) or is_part_title(text) for text in numbered)
    in_the_way = (
        2 * len(numbered) > len(found) and breaking >= BREAKING_SHARE * len(found) and not titles and not listed
    )
    return 2 * beside >= len(found) or in_the_way


def _mended(text: PageText, removed: Collection[int]) -> PageText:
    """Return one page without those blocks, and with the sentences joined that they or printed lines divide."""
    joiner = _Joiner(text.blocks, frozenset(text.anchors.values()))
    groups: list[tuple[list[int], Block]] = []
    for index, block in enumerate(text.blocks):
        words = "" if index in removed else joiner.without_marks(index)
        if not words:
            continue
        joint = joiner.joint(groups[-1][0][-1], index) if groups else None
        if joint is None:
            groups.append(([index], block if words == block.text else replace(block, text=words)))
        else:
            members, before = groups[-1]
            joined = replace(
                before, text=f"{before.text}{joint}{words}", display=False, linked=before.linked + block.linked
            )
            groups[-1] = ([*members, index], joined)
    unchanged = len(groups) == len(text.blocks) and all(block is text.blocks[own[0]] for own, block in groups)
    return text if unchanged else text.regrouped(groups)


class _Joiner:
    """Judges which blocks of a page are pieces of one paragraph."""

    def __init__(self, blocks: Sequence[Block], cuts: Collection[int]) -> None:
        self._blocks = blocks
        self._cuts = cuts
        self._verses = _verse_numbers(blocks)
        self._lines = _are_printed_lines(blocks)
        self._full = (
            FULL_LINE_SHARE * median(len(block.text) for block in blocks if _is_line(block)) if self._lines else 0
        )

    def without_marks(self, index: int) -> str:
        """Return the text of a block without page numbers in it and without the number of a verse at its end."""
        text = self._blocks[index].text
        if index in self._verses:
            text = _VERSE_NUMBER.sub("", text)
        return _PAGE_MARK.sub(_gap, text).strip() if "[" in text or "{" in text else text

    def joint(self, first: int, second: int) -> str | None:
        """Return what stands between two blocks that are one paragraph; None if they are two."""
        before, after = self._blocks[first], self._blocks[second]
        if before.level or after.level or before.note != after.note or second in self._cuts:
            return None
        if _INITIAL.fullmatch(before.text) and before.text[-1].isupper() and after.words >= MIN_WORDS_AFTER_INITIAL:
            return self._after_initial(before.text, after.text)
        if _SENTENCE_END.search(before.text) or (second == first + 1 and not self._lines):
            return None
        if self._lines and not (_is_line(before) or _is_line(after)):
            return None
        goes_on = after.text[:1].islower() or (self._lines and len(before.text) >= self._full)
        return " " if goes_on else None

    def _after_initial(self, letter: str, text: str) -> str | None:
        """Return how an initial in a box of its own is joined with what follows: "W" with "inter", "A" with "man"."""
        word = _WORD.match(text)
        if word is None or word.group()[0].lower() == letter[-1].lower():
            return None  # a glossary has its letters above its words
        if not (text[0].islower() or (len(word.group()) > 1 and word.group().isupper())):
            return None
        whole = letter[-1] in _WORDS_OF_A_LETTER and any(f" {word.group()} " in block.text for block in self._blocks)
        return " " if whole else ""


def _are_printed_lines(blocks: Sequence[Block]) -> bool:
    """Return whether many paragraphs of a line's length go on in the next one in the middle of a sentence."""
    broken = [
        one
        for one, two in pairwise(blocks)
        if _is_line(one) and not (two.level or two.note or two.display)
        if not _SENTENCE_END.search(one.text) and two.text[:1].islower()
    ]
    return len(broken) >= max(MIN_BROKEN_LINES, MIN_BROKEN_SHARE * len(blocks))


def _is_line(block: Block) -> bool:
    return not block.level and not block.note and not block.display and block.words in LINE_WORDS


def _verse_numbers(blocks: Sequence[Block]) -> set[int]:
    """Return the lines that end with their own number, of which every fifth or tenth has one."""
    found = [
        (index, int(number.group(1)))
        for index, block in enumerate(blocks)
        if (number := _VERSE_NUMBER.search(block.text))
    ]
    steps = {after[1] - before[1] for before, after in pairwise(found)}
    regular = len(steps) == 1 and steps <= {5, 10} and all(not number % 5 for _, number in found)
    return {index for index, _ in found} if len(found) >= MIN_VERSE_NUMBERS and regular else set()


def _gap(mark: re.Match[str]) -> str:
    following = mark.string[mark.end() : mark.end() + 1]
    spaced = mark.group()[0].isspace() or mark.group()[-1].isspace()
    return " " if spaced and following not in set(".,;:!?)") else ""


def _with_whole_words(text: PageText) -> PageText:
    """Join the words that a hyphen divided at the end of a line, as the rest of the page spells them."""
    divided = [match.groups() for block in text.blocks for match in _DIVIDED.finditer(block.text)]
    if not divided:
        return text
    known = Counter(word.lower() for block in text.blocks for word in _WORD.findall(block.text))
    known.subtract(part.lower() for pair in divided for part in pair)
    blocks = (
        replace(block, text=_DIVIDED.sub(lambda match: _whole(match, known), block.text)) for block in text.blocks
    )
    return replace(text, blocks=tuple(blocks))


def _whole(match: re.Match[str], known: Counter[str]) -> str:
    first, second = match.groups()
    if second in _JOINING:
        return match.group()
    hyphened = f"{first}-{second}"
    if known[f"{first}{second}".lower()] > 0:
        return f"{first}{second}"
    compound = known[hyphened.lower()] > 0 or (known[first.lower()] > 0 and known[second.lower()] > 0)
    return hyphened if compound or second[0].isupper() else f"{first}{second}"
