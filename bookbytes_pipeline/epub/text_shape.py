"""What a section is by the shape of its text: prose, or the lists that stand around the chapters of a book."""

import re
from collections.abc import Sequence
from itertools import islice

from bookbytes_pipeline.epub.blocks import Block

MIN_PROSE_SHARE = 0.5
LONG_PARAGRAPH_WORDS = 40
"""A paragraph of this length is prose even where it does not end like a sentence."""
WORDS_PER_CITATION = 40
"""Prose with more words to a citation only mentions its sources."""
MAX_ENTRY_WORDS = 20
"""Notes and references are shorter on average than the paragraphs of a chapter."""
MIN_REFERENCE_SHARE = 0.8
MIN_REFERENCES = 10
MAX_REFERENCE_LETTERS = 200
"""Lines of an index and entries of a bibliography are shorter on average."""
MIN_LINK_SHARE = 0.6
"""A page with more of its letters in links is a list of contents."""
MIN_LINKS = 5
MIN_LINKED_LETTERS = 200
"""So many letters of links in one paragraph, with line breaks between them, are as many."""
MIN_RIGHTS = 3
MIN_THANKS = 3
WORDS_PER_THANKS = 150

_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*$")
_YEAR = r"(?:1[4-9]|20)\d\d"
_CITATION = re.compile(
    rf"\b(?:pp?|vol|vols|ed|eds|trans|hrsg|bd|nr|no|S)\.\s?\d|\b(?:ibid|op\. cit|et al|in:)\b|\bdoi\b|https?://"
    rf"|\(\w[^()]{{0,80}}\b{_YEAR}\)|,\s{_YEAR}[a-z]?[.,;:]|\b{_YEAR}\.$|^\W?[^\W\d_][\w’'-]+,\s(?:\w\.?\s?){{1,3}}[:,(]",
    re.IGNORECASE,
)
_CJK_CITATION = re.compile(rf"[『《「〈][^』》」〉]{{1,80}}[』》」〉].{{0,60}}{_YEAR}")
_NUMBERED_NOTE = re.compile(r"^\W{0,2}[注註주]?\s?(?:\d{1,4}\s?(?:[.:)\]]?\s|[)\]）］〕、．])|[*†‡]\s|[①-⑳])")
_PAGES = re.compile(
    r"[,，、]\s?\d{1,4}(?:\s?[-–]\s?\d{1,4})?(?:,\s?\d{1,4}(?:\s?[-–]\s?\d{1,4})?)*\.?$|(?:\.{4,}|[…・]{2,})\s?\d+$"
)
_RIGHTS = re.compile(
    r"©|℗|\(c\)\s?\d{4}|\bcopyright\b|all rights reserved|\bisbn\b|\bpermissions?\b.*\bwrit|@\w+\.\w|www\.|https?://"
    r"|library of congress|catalogu?ing|printed (?:in|by)|published (?:in|by)|alle rechte|tous droits|reservados"
    r"|все права|wszelkie prawa|版权|著作権|発行",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\b(?:thank|grateful|gratitude|indebted|appreciat|dank|merci|remerci|reconnaiss|gracias|agradec|grazie|ringrazi"
    r"|bedank|obrigad|agradeç|tack|takk|tak\b|kiit|teşekkür|спасиб|благодар|dzięk|wdzięczn)\w*|感谢|感謝|감사",
    re.IGNORECASE,
)


def is_prose(blocks: Sequence[Block]) -> bool:
    """Return whether most words stand in sentences, and not in citations, notes, index lines or addresses."""
    paragraphs = [block for block in blocks if not block.level and not block.note]
    words = sum(block.words for block in paragraphs)
    prose = sum(block.words for block in paragraphs if _is_prose(block))
    return bool(words) and prose >= MIN_PROSE_SHARE * words


def is_list_of_entries(blocks: Sequence[Block]) -> bool:
    """Return whether these are short entries, as below the heading "Notes" at the end of a chapter."""
    paragraphs = [block for block in blocks if not block.level]
    return not is_prose(blocks) or sum(block.words for block in paragraphs) < MAX_ENTRY_WORDS * len(paragraphs)


def is_list_of_references(blocks: Sequence[Block]) -> bool:
    """Return whether nearly all lines are citations or end in page numbers, whatever the section is called."""
    lines = [block for block in blocks if not block.level and not block.note]
    if len(lines) < MIN_REFERENCES or sum(len(line.text) for line in lines) > MAX_REFERENCE_LETTERS * len(lines):
        return False
    others = (line for line in lines if not _is_reference(line))
    allowed = int((1 - MIN_REFERENCE_SHARE) * len(lines))
    return next(islice(others, allowed, None), None) is None


def is_list_of_links(blocks: Sequence[Block]) -> bool:
    """Return whether the section is made of links, as a table of contents is, whatever it is called."""
    paragraphs = [block for block in blocks if not block.level]
    letters = sum(len(block.text) for block in paragraphs)
    linked = [block for block in paragraphs if block.linked]
    letters_linked = sum(block.linked for block in linked)
    if letters_linked < MIN_LINK_SHARE * letters:
        return False
    return len(linked) >= MIN_LINKS or (letters_linked >= MIN_LINKED_LETTERS and not _has_sentences(linked))


def is_about_rights(blocks: Sequence[Block]) -> bool:
    """Return whether the section tells who owns, prints and catalogues the book."""
    return sum(bool(_RIGHTS.search(block.text)) for block in blocks) >= MIN_RIGHTS


def is_thanks(blocks: Sequence[Block]) -> bool:
    """Return whether the section thanks people, again and again."""
    count = sum(len(_THANKS.findall(block.text)) for block in blocks)
    return count >= MIN_THANKS and count * WORDS_PER_THANKS >= sum(block.words for block in blocks)


def _is_prose(block: Block) -> bool:
    text = block.text
    if block.item or _NUMBERED_NOTE.match(text) or _is_reference(block):
        return False
    return bool(_SENTENCE_END.search(text)) or block.words >= LONG_PARAGRAPH_WORDS


def _is_reference(block: Block) -> bool:
    citations = sum(1 for expression in (_CITATION, _CJK_CITATION) for _ in expression.finditer(block.text))
    return block.words < WORDS_PER_CITATION * citations or bool(_PAGES.search(block.text))


def _has_sentences(blocks: Sequence[Block]) -> bool:
    return any(_SENTENCE_END.search(block.text) for block in blocks)
