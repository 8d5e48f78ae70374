"""The sentences of a passage, and which of them can stand alone in a summary."""

import re
from collections.abc import Iterable
from itertools import islice

from sentencex import segment

from bookbytes_pipeline.domain.words import UNSPACED

_BREAKS = r"\s.,;:!?…\"'“”‘’«»()\[\]{}<>/—–、。！？，；：「」『』（）।؟،\-"  # noqa: RUF001 - punctuation of the world
_WORD = re.compile(rf"[{UNSPACED}]{{1,2}}|(?=[^\W_])[^{_BREAKS}{UNSPACED}]+(?:['’-][^{_BREAKS}{UNSPACED}]+)*")  # noqa: RUF001 - as above
_CLOSED = re.compile(r"[.!…。！।۔]['\"”’»)\]」』]*$")  # noqa: RUF001 - as above
_LIST_ITEM = re.compile(r"[-–—…•*·▪◦‣#|\[]|\(?(?:\d{1,3}|\w|[ivxIVX]{1,5})\)\s|\d{1,3}\.\s")  # noqa: RUF001 - as above
_DEBRIS = re.compile(r"https?://|www\.|\S@\S|\.{4,}|\|")
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")
_PAIRS = (("“", "”"), ("(", ")"), ("[", "]"), ("«", "»"), ("「", "」"))
_QUOTES = ("“", '"', "„", "«", "»", "‘", "「", "『")  # noqa: RUF001 - as above
_MIN_QUOTABLE_WORDS = 6
MAX_QUOTABLE_WORDS = 60
"""A shorter sentence says nothing; a longer one loses the listener."""

_MAX_VERSE_LINE_CHARS = 60
"""Lines of prose that was wrapped by hand are longer."""

_BACK_REFERENCES = {
    "en": "he she it they him her them his hers its their this these those that such here another others both but yet "
    "and or nor however thus therefore hence thence so then still also moreover besides otherwise instead meanwhile",
    "de": "er sie es ihm ihn ihr ihre ihnen sein seine dies diese dieser dieses jene jener jenes solche aber und oder "
    "denn doch dennoch jedoch daher deshalb dadurch damit also dann dabei dort auch zudem außerdem",
    "fr": "il elle ils elles lui leur leurs son sa ses ce cet cette ces celui celle ceux cela ceci mais et ou car or "
    "cependant pourtant donc ainsi alors puis aussi",
    "es": "él ella ellos ellas su sus este esta estos estas ese esa eso esos esas esto aquel aquella pero y o sino así "
    "entonces también además",
    "it": "egli ella lui lei loro esso essa essi suo sua questo questa questi queste quello quella ciò ma e o però "
    "quindi così allora anche inoltre",
}
"""Words that, at its start, make a sentence depend on the one before. Sentences of other languages never do."""

_BACK_REFERENCE_WORDS = {language: frozenset(words.split()) for language, words in _BACK_REFERENCES.items()}


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


def prose_sentences(text: str, language: str) -> list[str]:
    """Return the sentences of `text` that are worth quoting, in order and each once.

    Left out: headings, verse, list items, web addresses, questions, fragments, and what is very short or long.
    """
    prose = (_on_one_line(block) for block in _blocks(text) if not _is_verse(block))
    return _unique(
        sentence for paragraph in prose for sentence in _split(paragraph, language) if _is_quotable(sentence)
    )


def all_sentences(text: str, language: str) -> list[str]:
    """Return every sentence of `text` in order and each once, whatever it looks like."""
    return _unique(sentence for paragraph in paragraphs_of(text) for sentence in _split(paragraph, language))


def openings(text: str, language: str) -> frozenset[str]:
    """Return the sentences of `text` that begin a paragraph."""
    return frozenset(sentence for paragraph in paragraphs_of(text) for sentence in _split(paragraph, language)[:1])


def needs_context(sentence: str, language: str) -> bool:
    """Whether `sentence` cannot stand alone: it points back (`They`, `If this`) or quotes a speaker.

    Only the first two words are searched for words that point back, and only in a `language` of the table above.
    """
    opening = {word.lower() for word in words_of(sentence[:40])[:2]}
    return sentence.startswith(_QUOTES) or not opening.isdisjoint(_BACK_REFERENCE_WORDS.get(language, frozenset()))


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", _INVISIBLE.sub("", text)) if block.strip()]


def _on_one_line(block: str) -> str:
    return " ".join(block.split())


def _split(paragraph: str, language: str) -> list[str]:
    return [sentence.strip() for sentence in segment(language, paragraph) if sentence.strip()]


def _unique(sentences: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sentences))


def _is_verse(block: str) -> bool:
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    return len(lines) > 1 and sum(map(len, lines)) / len(lines) < _MAX_VERSE_LINE_CHARS


def _is_quotable(sentence: str) -> bool:
    return (
        _MIN_QUOTABLE_WORDS <= len(words_of(sentence)) <= MAX_QUOTABLE_WORDS
        and _CLOSED.search(sentence) is not None
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
