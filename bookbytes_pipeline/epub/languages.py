"""The language of a book and of its chapters: what pages and package document say, weighed against the text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bookbytes_pipeline.domain.book import ChapterText
from bookbytes_pipeline.domain.language import is_same_language, language_tag, weigh_languages
from bookbytes_pipeline.domain.language_detection import detect_language
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.epub.blocks import PageText

MIN_BOOK_SHARE = 0.6
"""A language with less of the words whose language is sure is not that of the book."""
MIN_CHAPTER_WORDS = 100
"""A shorter chapter is in the language of the book."""


@dataclass(frozen=True, slots=True)
class BookLanguage:
    """The language as a tag, None if nothing tells; why, in a sentence; and the chapters with theirs."""

    tag: str | None
    reason: str
    doubtful: bool
    chapters: tuple[ChapterText, ...]


def judge_languages(chapters: Sequence[ChapterText], texts: Sequence[PageText], package: str | None) -> BookLanguage:
    """Judge the language of the book whose package document says `package`, and of each chapter."""
    found = [detect_language(chapter.text) for chapter in chapters]
    choice = weigh_languages(_most(chapters, found), _of_pages(texts), package)
    if choice is None:
        return BookLanguage(None, "Neither the file nor its text tells the language.", True, tuple(chapters))
    own = (
        choice.tag
        if language is None or is_same_language(language, choice.tag) or count_words(chapter.text) < MIN_CHAPTER_WORDS
        else language
        for chapter, language in zip(chapters, found, strict=True)
    )
    told = tuple(replace(chapter, language=language) for chapter, language in zip(chapters, own, strict=True))
    return BookLanguage(choice.tag, choice.reason, choice.doubtful, told)


def _most(chapters: Sequence[ChapterText], found: Sequence[str | None]) -> str | None:
    """Return the language that most words are in."""
    words: Counter[str] = Counter()
    for chapter, language in zip(chapters, found, strict=True):
        if language:
            words[language] += count_words(chapter.text)
    if not words:
        return None
    language, count = words.most_common(1)[0]
    return language if count >= MIN_BOOK_SHARE * words.total() else None


def _of_pages(texts: Sequence[PageText]) -> str | None:
    """Return the language that most pages, by their words, say they are in."""
    words: Counter[str] = Counter()
    for text in texts:
        if text.language:
            words[text.language] += 1 + sum(block.words for block in text.blocks)
    tags = (language_tag(said) for said, _ in words.most_common())
    return next(filter(None, tags), None)
