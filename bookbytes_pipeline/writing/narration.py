"""Text to be spoken: without what a listener should not hear, and without what a voice cannot read well."""

import re
from itertools import accumulate, chain, pairwise

from bookbytes_pipeline.domain.pronunciations import Pronunciations
from bookbytes_pipeline.domain.sentences import sentences_of
from bookbytes_pipeline.domain.transcript import Sentence
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.writing.formulas import formulas_said
from bookbytes_pipeline.writing.markup import ended, paragraphs_of
from bookbytes_pipeline.writing.roman import numbers_said, title_numbers_said
from bookbytes_pipeline.writing.spoken_forms import base_of, in_words
from bookbytes_pipeline.writing.titles import numbered

_URL = r"(?:https?://|ftp://|www\.)(?:[^\s<>()\[\]{}\"“”«»]|\([^\s()]*\))+"
_MAIL = r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_ADDRESS = re.compile(rf"{_URL}|{_MAIL}", re.IGNORECASE)
_BRACKETS = re.compile(r"\s?[(\[<]((?:[^()\[\]<>]|\([^()\s]*\))*)[)\]>]")
_ADDRESS_ENDS = ".,;:!?…'’"  # noqa: RUF001 - an apostrophe in print
_FEW_WORDS = 2
"""Beside an address in brackets, so many only introduce it: (see https://...), (available at www...)."""

_NOTE = re.compile(
    r"\s?\[(?:\^[^\[\]\s]{1,20}|(?:(?:note|fn|nb|n)\.?\s?)?\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20})\]"  # noqa: RUF001
    r"|【\d[^【】]{0,40}】"
    r"|(?:(?<=[^\W\d_]{2})|(?<=[.,;:!?…\"'”’»]))\(\d{1,3}\)"  # noqa: RUF001 - (12) after a space is text
    r"|[†‡]+",
    re.IGNORECASE,
)
_RAISED_NOTE = re.compile(
    r"(?<![\d⁰¹²³⁴-⁹⁻])(?<!\b[^\W\d_])(?<!\b[kcmd]m)(?<!\b(?:ft|mi|yd|mc))"  # 10⁶, x², km² and mc² mean something
    r"[⁰¹²³⁴-⁹]+"
)

_DOTS = re.compile(r"\.(?:\s?\.){2,}|…{2,}")
_DOTS_TO_WORD = re.compile(r"…(?=\w)")
_DASH = re.compile(r"\s?(?:(?<!-)-{2,3}(?!-)|[—―]+)\s?")
_ARROW = re.compile(r"\s?(?:<?[-=]{1,3}>|[→➔➙-➯➱-➾⇒↔⇔⟶⟹])\s?")
_LOOSE = re.compile(r"\s+([.,;:!?…)\]])(?=\s|$)")


NONE = Pronunciations()


def spoken(text: str, language: str = "", pronunciations: Pronunciations = NONE, *, is_title: bool = False) -> str:
    """`text` as it is to be spoken: plain paragraphs separated by blank lines, empty if there are no words in it.

    Markup, emoji, footnote marks and web and mail addresses are gone; dots, dashes and arrows are one character each.
    With a `language`, a BCP 47 tag, the formulas, signs, abbreviations and Roman numerals are words and numbers in it.
    """
    lines = [_speakable(paragraph) for paragraph in paragraphs_of(formulas_said(text, language))]
    if language:
        lines = [_in_its_language(pronunciations.apply(line, language), language, is_title) for line in lines]
    return "\n\n".join(line for line in lines if any(map(str.isalnum, line)))


def narration_text(number: int, title: str, summary: str, language: str, pronunciations: Pronunciations = NONE) -> str:
    """A chapter as it is to be spoken: its title (its number, where that has no words) and its summary.

    A number in front of the title is spoken as a chapter's, in `language`, a BCP 47 tag: "Chapter 4" for `IV`.
    """
    name = " ".join(spoken(title, language, pronunciations, is_title=True).split()) or str(number)
    return f"{ended(numbered(name, number, base_of(language)))}\n\n{spoken(summary, language, pronunciations)}".rstrip()


def narrated_sentences(
    number: int, title: str, summary: str, language: str, pronunciations: Pronunciations = NONE
) -> list[Sentence]:
    """The title and the sentences of a chapter as people read them, without markup, and as they are spoken."""
    heading, _, _ = narration_text(number, title, "", language, pronunciations).partition("\n\n")
    shown = " ".join(paragraphs_of(title)) or str(number)
    paragraphs = (_sentences(line, language, pronunciations) for line in paragraphs_of(summary))
    return [Sentence(shown, heading), *chain.from_iterable(paragraphs)]


def _sentences(line: str, language: str, pronunciations: Pronunciations) -> list[Sentence]:
    """The sentences of a paragraph. One that would be spoken otherwise by itself has its share of the paragraph."""
    texts, whole = sentences_of(line, language), spoken(line, language, pronunciations)
    parts = [spoken(text, language, pronunciations) for text in texts]
    if _letters(whole) != _letters("".join(parts)):
        ends = list(accumulate(map(len, parts), initial=0))
        places = [round(end * len(whole) / max(1, ends[-1])) for end in ends]
        parts = [whole[start:end] for start, end in pairwise(places)]
    return [Sentence(text, part) for text, part in zip(texts, parts, strict=True)]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _in_its_language(line: str, language: str, is_title: bool) -> str:
    numbers = title_numbers_said if is_title else numbers_said
    return numbers(in_words(line, language), language)


def _speakable(paragraph: str) -> str:
    text = _ADDRESS.sub(_what_ends_it, _BRACKETS.sub(_without_address, paragraph))
    text = _RAISED_NOTE.sub("", _NOTE.sub("", text))
    text = _ARROW.sub(" — ", text)
    text = _DASH.sub(" — ", _DOTS_TO_WORD.sub("… ", _DOTS.sub("…", text)))
    return _LOOSE.sub(r"\1", " ".join(text.split()))


def _what_ends_it(address: re.Match[str]) -> str:
    """The full stop or comma after an address, which belongs to the sentence."""
    return address[0][len(address[0].rstrip(_ADDRESS_ENDS)) :]


def _without_address(brackets: re.Match[str]) -> str:
    """Brackets without the address in them, or nothing where there is little else."""
    content, addresses = _ADDRESS.subn("", brackets[1])
    if not addresses:
        return brackets[0]
    if count_words(content) <= _FEW_WORDS and not any(map(str.isdigit, content)):
        return ""
    return f" ({content.strip(' ,;:')})"
