"""The sentences of a passage, and which of them are worth quoting."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sentencex import segment

from bookbytes_pipeline.domain.words import UNSPACED

_BREAKS = r"\s.,;:!?…\"'“”‘’«»()\[\]{}<>/—–、。！？，；：「」『』（）।؟،\-"  # noqa: RUF001 - punctuation of the world
_WORD = re.compile(rf"[{UNSPACED}]{{1,2}}|(?=[^\W_])[^{_BREAKS}{UNSPACED}]+(?:['’-][^{_BREAKS}{UNSPACED}]+)*")  # noqa: RUF001 - as above
_CLOSED = re.compile(r"[.!…。！।۔]['\"”’»)\]」』]*$")  # noqa: RUF001 - as above
_ASKS = re.compile(r"[?？؟]['\"”’»)\]」』]*$")  # noqa: RUF001 - as above
_LIST_ITEM = re.compile(r"[-–—…•*·▪◦‣#|\[]|\(?(?:\d{1,3}|\w|[ivxIVX]{1,5})\)\s|\d{1,3}\.\s")  # noqa: RUF001 - as above
_DEBRIS = re.compile(r"https?://|www\.|\S@\S|\.{4,}|\|")
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")
_PAIRS = (("“", "”"), ("(", ")"), ("[", "]"), ("«", "»"), ("「", "」"))
_QUOTES = ("“", '"', "„", "«", "»", "‘", "「", "『")  # noqa: RUF001 - as above
_SPEECH = {"“": "”", "„": "“", "«": "»", "»": "«", "「": "」", '"': '"'}
_MIN_TELLING_WORDS = 6
MAX_QUOTABLE_WORDS = 60
"""A shorter sentence says nothing by itself; a longer one loses the listener."""

_MAX_VERSE_LINE_CHARS = 60
"""Lines of prose that was wrapped by hand are longer."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, the number of its paragraph, and whether a summary may have it, alone or at least beside another."""

    text: str
    paragraph: int
    tells: bool
    """It is worth quoting by itself."""

    reads: bool
    """It may stand beside one that tells: it may be short or a question, but it is no debris."""


def words_of(text: str) -> list[str]:
    """Return the words of `text` in order, without punctuation; pairs of characters where a script has no spaces."""
    return _WORD.findall(text)


def first_words(text: str, count: int) -> str:
    """Return `text` up to the end of its word number `count`."""
    last = next(islice(_WORD.finditer(text), count - 1, None), None)
    return text[: last.end()] if last else text


def paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of `text`, each on one line, without soft hyphens and other invisible characters."""
    return [_on_one_line(block) for block in _blocks(text)]


def prose_sentences(text: str, language: str) -> list[Sentence]:
    """Return the sentences of `text` in order, without verse.

    Headings, list items, web addresses, fragments, what somebody says and what has been said before neither tell nor
    read. Questions and what is very short or long do not tell.
    """
    known: set[str] = set()
    sentences: list[Sentence] = []
    for number, block in enumerate(_blocks(text)):
        if not _is_verse(block):
            sentences += _sentences(_on_one_line(block), number, language, known)
    return sentences


def line_sentences(text: str, language: str) -> list[Sentence]:
    """Return every sentence of `text` in order and each once, whatever it looks like."""
    known: set[str] = set()
    return [
        Sentence(sentence, number, tells=True, reads=True)
        for number, paragraph in enumerate(paragraphs_of(text))
        for sentence in _split(paragraph, language)
        if _is_new(sentence, known)
    ]


def is_question(sentence: str) -> bool:
    """Whether `sentence` asks, so that the next one answers."""
    return _ASKS.search(sentence) is not None


def starts_with_speech(sentence: str) -> bool:
    """Whether `sentence` begins with the words of somebody else."""
    return sentence.startswith(_QUOTES)


def _sentences(paragraph: str, number: int, language: str, known: set[str]) -> Iterator[Sentence]:
    awaited = ""
    for sentence in _split(paragraph, language):
        reads = not awaited and _is_readable(sentence) and _is_new(sentence, known)
        yield Sentence(sentence, number, reads and _tells(sentence), reads)
        awaited = _awaited_after(sentence, awaited)


def _is_new(sentence: str, known: set[str]) -> bool:
    is_new = sentence not in known
    known.add(sentence)
    return is_new


def _awaited_after(sentence: str, awaited: str) -> str:
    """The mark at which speech will end that goes on after `sentence`: the next one need not have a mark itself."""
    for character in sentence:
        if character == awaited:
            awaited = ""
        elif not awaited:
            awaited = _SPEECH.get(character, "")
    return awaited


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", _INVISIBLE.sub("", text)) if block.strip()]


def _on_one_line(block: str) -> str:
    return " ".join(block.split())


def _split(paragraph: str, language: str) -> list[str]:
    return [sentence.strip() for sentence in segment(language, paragraph) if sentence.strip()]


def _is_verse(block: str) -> bool:
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    return len(lines) > 1 and sum(map(len, lines)) / len(lines) < _MAX_VERSE_LINE_CHARS


def _tells(sentence: str) -> bool:
    return len(words_of(sentence)) >= _MIN_TELLING_WORDS and _CLOSED.search(sentence) is not None


def _is_readable(sentence: str) -> bool:
    return (
        1 < len(words_of(sentence)) <= MAX_QUOTABLE_WORDS
        and (_CLOSED.search(sentence) is not None or _ASKS.search(sentence) is not None or sentence.endswith(":"))
        and not _LIST_ITEM.match(sentence)
        and not _DEBRIS.search(sentence)
        and not sentence[0].islower()
        and not sentence.isupper()
        and _is_balanced(sentence)
        and _is_mostly_words(sentence)
    )


def _is_balanced(sentence: str) -> bool:
    return sentence.count('"') % 2 == 0 and all(
        sentence.count(opening) == sentence.count(closing) for opening, closing in _PAIRS
    )


def _is_mostly_words(sentence: str) -> bool:
    words = words_of(sentence)
    return 4 * sum(any(map(str.isdigit, word)) for word in words) <= len(words)
