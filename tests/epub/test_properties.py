"""What holds for every book: no word is lost or doubled, whatever the markup and the contents."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.book import BookText, ChapterText, SkippedSection
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import Entry, epub

SYLLABLES = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
WRAPPERS = ("div", "section", "blockquote", "article")
INLINE = ("b", "i", "em", "span", "a")
LANDMARKS = ("bodymatter", "frontmatter", "backmatter", "chapter", "toc", "titlepage")
NOTE_WORDS = 3

every_book = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""The same books in every run: a suite that fails by chance helps nobody."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a generated book, as drawn.

    `paragraphs` are their lengths in words; `depth` is how many elements they stand in; `joined` puts the part into
    the file of the part before it. `nested` lists it one level below the part before it.
    """

    paragraphs: tuple[int, ...]
    heading: int
    inner_heading: bool
    note: bool
    depth: int
    inline: int
    listed: bool
    nested: bool
    joined: bool
    landmark: str | None


@dataclass(slots=True)
class Book:
    """A generated book: its EPUB, and for each word of its paragraphs and inner headings the number of its part."""

    file: bytes = b""
    part_of: dict[str, int] = field(default_factory=dict)


parts = st.builds(
    Part,
    paragraphs=st.lists(st.sampled_from([1, 7, 30, 120]), max_size=5).map(tuple),
    heading=st.sampled_from([0, 1, 2, 3]),
    inner_heading=st.booleans(),
    note=st.booleans(),
    depth=st.sampled_from([0, 1, 2, 40]),
    inline=st.sampled_from([0, 3, 7]),
    listed=st.booleans(),
    nested=st.booleans(),
    joined=st.booleans(),
    landmark=st.sampled_from([None, None, None, *LANDMARKS]),
)


drawn_books = st.lists(parts, min_size=1, max_size=10).filter(lambda some: any(part.paragraphs for part in some))
"""One to ten parts, listed by the contents or not."""


def built(drawn: Sequence[Part]) -> Book:
    book = Book()
    numbers = count()
    pages: dict[str, str] = {}
    hrefs: list[str] = []
    page = ""
    for number, part in enumerate(drawn):
        page = page if part.joined and page else f"p{number}.xhtml"
        hrefs.append(f"{page}#s{number}")
        pages[page] = pages.get(page, "") + _markup(part, number, book, numbers)
    landmarks = [(part.landmark, href) for part, href in zip(drawn, hrefs, strict=True) if part.landmark]
    listed = any(part.listed for part in drawn)
    book.file = epub(pages, _entries(drawn, hrefs) if listed else None, landmarks=landmarks).getvalue()
    return book


def _markup(part: Part, number: int, book: Book, numbers: Iterator[int]) -> str:
    body = ""
    for index, length in enumerate(part.paragraphs):
        words = [_word(next(numbers)) for _ in range(length)]
        book.part_of |= dict.fromkeys(words, number)
        body += f"<p>{_inline(words, part.inline)}.</p>"
        if part.inner_heading and index == 1:
            words = [_word(next(numbers))]
            book.part_of |= dict.fromkeys(words, number)
            body += f"<h4>{words[0]}</h4>"
    for wrapper in range(part.depth):
        name = WRAPPERS[wrapper % len(WRAPPERS)]
        body = f"<{name}>{body}</{name}>"
    note = f'<aside epub:type="footnote"><p>NOTE{number} reads thus.</p></aside>' if part.note else ""
    head = f"<h{part.heading}>{_title(number)}</h{part.heading}>" if part.heading else ""
    return f'<div id="s{number}">{head}{body}{note}</div>'


def _inline(words: Sequence[str], every: int) -> str:
    """Return the words with markup around, or in the middle of, every so many of them."""
    marked = []
    for index, word in enumerate(words):
        name = INLINE[index % len(INLINE)]
        inside = f"{word[:3]}<{name}>{word[3:]}</{name}>" if index % 2 else f"<{name}>{word}</{name}>"
        marked.append(inside if every and index % every == 0 else word)
    return " ".join(marked)


def _word(number: int) -> str:
    """Return a word that no other number has, of letters only: what looks like a page number may be taken for one."""
    size = len(SYLLABLES)
    return SYLLABLES[number // size**2 % size] + SYLLABLES[number // size % size] + SYLLABLES[number % size]


def _title(number: int) -> str:
    return f"The {SYLLABLES[number].title()}xx Voyage"


def _entries(drawn: Sequence[Part], hrefs: Sequence[str]) -> list[Entry]:
    entries: list[tuple[str, str, list[Entry]]] = []
    for number, (part, href) in enumerate(zip(drawn, hrefs, strict=True)):
        if part.listed and part.nested and entries:
            entries[-1][2].append((_title(number), href))
        elif part.listed:
            entries.append((_title(number), href, []))
    return list(entries)


def _read(book: Book) -> BookText:
    return read_epub(io.BytesIO(book.file))


def _parts(text: BookText) -> tuple[Sequence[ChapterText], Sequence[SkippedSection]]:
    """Return all chapters, and all that is left out with its text."""
    return text.chapters, [part for part in text.left_out if part.section]


def _words(book: Book, text: str) -> list[str]:
    return [word for word in text.replace(".", " ").split() if word in book.part_of]


@every_book
@given(drawn_books)
def test_every_word_is_in_one_place_and_in_order(drawn: list[Part]) -> None:
    """Every word of the body is once in a text or a title, and the chapters tell theirs in order."""
    book = built(drawn)

    text = _read(book)

    chapters, left_out = ([word for part in parts for word in _words(book, part.text)] for parts in _parts(text))
    titles = {word for part in chain(*_parts(text)) for word in _words(book, part.title)} - {*chapters, *left_out}
    assert sorted(book.part_of) == sorted([*chapters, *left_out, *titles])
    assert chapters == [word for word in book.part_of if word in chapters]


@every_book
@given(drawn_books)
def test_sections_are_numbered_in_reading_order(drawn: list[Part]) -> None:
    """Chapters and what is left out share one numbering without gaps; chapters have one of their own."""
    text = _read(built(drawn))

    sections = [part.section for part in chain(*_parts(text))]
    assert list(range(1, len(sections) + 1)) == sorted(sections)
    assert list(range(1, len(text.chapters) + 1)) == [chapter.number for chapter in text.chapters]
    assert [chapter.section for chapter in text.chapters] == sorted(chapter.section for chapter in text.chapters)


@every_book
@given(drawn_books)
def test_notes_are_in_no_chapter(drawn: list[Part]) -> None:
    """A footnote is read aloud nowhere, and all of its words are counted as left out."""
    text = _read(built(drawn))

    assert not any("NOTE" in chapter.text for chapter in text.chapters)
    assert sum(section.words for section in text.left_out) >= sum(NOTE_WORDS for part in drawn if part.note)


@every_book
@given(drawn_books)
def test_the_same_file_gives_the_same_book(drawn: list[Part]) -> None:
    """Nothing depends on the order of sets or on what was read before."""
    book = built(drawn)

    assert _read(book) == _read(book)
