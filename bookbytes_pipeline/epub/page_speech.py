"""A page as it is read aloud: numbers in words, marks of notes gone, and the notes at its end told apart."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bookbytes_pipeline.epub.blocks import Block, PageText
from bookbytes_pipeline.epub.markup import folded
from bookbytes_pipeline.epub.matter import reason_by_title
from bookbytes_pipeline.epub.numbers import NoteMarks, leading_number, spoken
from bookbytes_pipeline.epub.raised import CONTROLS, END, MARK, RAISED

_MARK_NUMBER = re.compile(f"[{RAISED}{MARK}][\\[(]?(\\d{{1,4}})[\\])]?{END}|(?<=\\S)\\[(\\d{{1,4}})\\]")


def read_aloud(page: PageText, language: str) -> PageText:
    """Return the page with numbers and marks as they are read, and with the notes at its end told apart."""
    blocks = _with_notes_at_end(page.blocks)
    paragraphs = [block.text for block in blocks]
    bodies = {number for block in blocks if block.note and (number := leading_number(block.text))}
    marks = NoteMarks.of(paragraphs, bodies)
    groups = []
    for index, block in enumerate(blocks):
        text, _ = spoken(block.text, index, marks, language)
        text = folded(text.translate(CONTROLS) if END in block.text else text)
        if text:
            groups.append(([index], replace(block, text=text)))
    return page.regrouped(groups)


def _with_notes_at_end(blocks: Sequence[Block]) -> list[Block]:
    """Mark as notes the last blocks of a page if they begin with the numbers of its marks, and their heading."""
    start, numbers = _numbered_end(blocks)
    marked = {int(found[1] or found[2]) for block in blocks[:start] for found in _MARK_NUMBER.finditer(block.text)}
    words_above = sum(block.words for block in blocks[:start])
    counted = numbers[:1] == [1] and len(numbers) > 1 and words_above > sum(block.words for block in blocks[start:])
    if not numbers or not (marked.issuperset(numbers) or counted):
        return list(blocks)
    if start and blocks[start - 1].level and reason_by_title(blocks[start - 1].text) == "endnotes":
        start -= 1
    return [replace(block, note=block.note or index >= start) for index, block in enumerate(blocks)]


def _numbered_end(blocks: Sequence[Block]) -> tuple[int, list[int]]:
    """Return where the last blocks begin that have a rising number in front each, and these numbers."""
    numbers: list[int] = []
    start = len(blocks)
    while start:
        number = leading_number(blocks[start - 1].text)
        if number is None or (numbers and number >= numbers[-1]):
            break
        numbers.append(number)
        start -= 1
    return start, numbers[::-1]
