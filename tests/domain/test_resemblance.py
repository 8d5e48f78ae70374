"""Telling another book from the same one."""

import pytest

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.resemblance import other_isbn, wrong_book

ISBN = parse_isbn("9780306406157")
OTHER = parse_isbn("9780140328721")


def catalogued(title: str, *authors: str, subtitle: str | None = None, source: str = "open_library") -> Book:
    """Return what a catalogue says."""
    return Book(ISBN, title, source, subtitle=subtitle, authors=authors, isbns=(parse_isbn("9780452010581"),))


def file_of(title: str, *authors: str, isbns: tuple[str, ...] = ()) -> BookText:
    """Return what a file says."""
    return BookText(title, (), authors=authors, isbns=tuple(map(parse_isbn, isbns)))


def test_a_file_of_another_book_is_told_with_both_names() -> None:
    """Neither title nor author resembles: the sentence says what the file is and what was expected."""
    warning = wrong_book(
        catalogued("Cooking With Sourdough", "Maria Baker"), file_of("Ledgers of the Strait", "A. Tester")
    )

    assert warning == (
        "The file says “Ledgers of the Strait” by A. Tester; 9780306406157 is “Cooking With Sourdough” by Maria Baker. "
        "Check that it is the right book."
    )


@pytest.mark.parametrize(
    ("book", "text"),
    [
        (catalogued("Cooking With Sourdough"), file_of("Ledgers of the Strait", "A. Tester")),
        (catalogued("The Sea", "John Banville"), file_of("The Mountain", "Ann Author")),
        (catalogued("Walden", "Henry David Thoreau"), file_of("Emma", "Jane Austen", isbns=(OTHER,))),
        (catalogued("1984", "George Orwell"), file_of("Emma", "Jane Austen")),
        (catalogued("Война и мир", "Лев Толстой"), file_of("Отцы и дети", "Иван Тургенев")),
    ],
)
def test_another_book_is_told(book: Book, text: BookText) -> None:
    """Authors may be missing on one side, and another ISBN is no excuse."""
    assert wrong_book(book, text) is not None


@pytest.mark.parametrize(
    ("book", "text"),
    [
        (catalogued("The Art of War", "Sun Tzu"), file_of("ART OF WAR", "Lionel Giles")),
        (catalogued("Les Misérables", "Victor Hugo"), file_of("Les Miserables (Penguin Classics)")),
        (catalogued("Frankenstein"), file_of("Frankenstein; or, The Modern Prometheus")),
        (catalogued("Walden", subtitle="or, Life in the Woods"), file_of("Walden, or Life in the Woods: A Novel")),
        (catalogued("Salt: A World History", "Mark Kurlansky"), file_of("Salt", "Kurlansky, Mark")),
        (catalogued("Pride & Prejudice"), file_of("Pride and Prejudice")),
        (catalogued("The Colour of Magic"), file_of("The Color of Magic")),
        (catalogued("War and Peace", "Leo Tolstoy"), file_of("Krieg und Frieden", "Tolstoy, Leo")),
        (catalogued("Voina i mir", "Leo Tolstoy"), file_of("Война и мир", "Лев Толстой")),
        (catalogued("Cooking", "B. Baker"), file_of("Ledgers", "A. Tester", isbns=(ISBN,))),
        (catalogued("Cooking", "B. Baker"), file_of("Ledgers", "A. Tester", isbns=("9780452010581",))),
        (catalogued("Cooking", source="epub"), file_of("Ledgers")),
    ],
)
def test_the_same_book_said_otherwise_is_not_told(book: Book, text: BookText) -> None:
    """Case, accents, articles, subtitles, series, translations, transliterations, and an ISBN that fits."""
    assert wrong_book(book, text) is None


def test_a_file_that_names_another_isbn_is_told() -> None:
    """One that names several, among them this one, or none at all, is not."""
    assert (
        other_isbn(ISBN, file_of("Sea", isbns=(OTHER,))) == f"The file says it is {OTHER}; kept as the text of {ISBN}."
    )
    assert other_isbn(ISBN, file_of("Sea", isbns=(OTHER, ISBN))) is None
    assert other_isbn(ISBN, file_of("Sea")) is None
