"""Which sections of a book are chapters, and which are not."""

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.matter import is_part_title, reason_by_title
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import Entry, epub, page, prose


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def reasons(book: BookText) -> dict[str, str]:
    return {section.title: section.reason for section in book.left_out}


def listed(*names: str) -> list[Entry]:
    return [(name, f"{position}.xhtml") for position, name in enumerate(names)]


def test_declared_body_matter_is_accepted() -> None:
    """If the book declares its body matter, exactly that is chapters: not the preface, but a chapter called Notes."""
    pages = {
        "0.xhtml": page(prose(900), "frontmatter"),
        "1.xhtml": page(prose(900), "bodymatter"),
        "2.xhtml": page(prose(20), "bodymatter"),
        "3.xhtml": page(prose(900), "backmatter"),
    }

    book = read_epub(epub(pages, listed("Preface", "Notes", "Two", "Afterword")))

    assert ["Notes", "Two"] == titles(book)
    assert {"Preface": "front matter", "Afterword": "back matter"}.items() <= reasons(book).items()
    assert 1.0 == book.coverage


def test_sections_may_declare_matter_like_bodies() -> None:
    """The declaration may be on a section."""
    pages = {
        "0.xhtml": f'<section epub:type="frontmatter preface">{prose(400)}</section>',
        "1.xhtml": f'<section epub:type="bodymatter chapter">{prose(400)}</section>',
    }

    assert ["One"] == titles(read_epub(epub(pages, listed("Preface", "One"))))


@pytest.mark.parametrize("guide", [True, False])
def test_landmarks_and_guide_mark_the_start_of_the_body(guide: bool) -> None:
    """Sections before the body are front matter; the type of a single reference is accepted too."""
    pages = {f"{position}.xhtml": prose(words) for position, words in enumerate((100, 900, 900, 80))}
    references = '<reference type="text" href="1.xhtml"/><reference type="glossary" href="3.xhtml"/>' if guide else ""
    landmarks = [] if guide else [("bodymatter", "1.xhtml"), ("glossary", "3.xhtml")]

    book = read_epub(epub(pages, listed("Hello", "One", "Two", "Words"), landmarks=landmarks, guide=references))

    assert ["One", "Two"] == titles(book)
    assert {"Hello": "front matter", "Words": "glossary"} == reasons(book)


def test_a_body_start_far_into_the_book_is_ignored() -> None:
    """A landmark that would make most of the book front matter is ignored."""
    pages = {f"{number}.xhtml": prose(900) for number in range(3)}

    book = read_epub(epub(pages, listed("One", "Two", "Three"), landmarks=[("bodymatter", "2.xhtml")]))

    assert ["One", "Two", "Three"] == titles(book)


def test_a_bad_landmark_is_ignored() -> None:
    """Landmarks that point outside the book have no effect."""
    book = read_epub(epub({"0.xhtml": prose(60)}, listed("One"), landmarks=[("bodymatter", "../../../x")]))

    assert ["One"] == titles(book)


def test_types_of_sections_apply_without_declared_matter() -> None:
    """A section's own type excludes it; an epigraph in a chapter does not exclude the chapter."""
    pages = {
        "0.xhtml": f'<section epub:type="titlepage"><h1>The Sea</h1>{prose(60)}</section>',
        "1.xhtml": f'<section epub:type="chapter"><p epub:type="epigraph">Oh.</p>{prose(400)}</section>',
        "2.xhtml": f'<section role="doc-bibliography">{prose(400)}</section>',
    }

    book = read_epub(epub(pages, listed("Start", "One", "Read on")))

    assert ["One"] == titles(book)
    assert {"Start": "title page", "Read on": "bibliography"} == reasons(book)


def test_titles_decide_if_nothing_is_declared() -> None:
    """Front and back matter is recognised by its title; an introduction and an afterword are chapters."""
    names = [
        "Title Page",
        "Copyright",
        "Contents",
        "Introduction",
        "One",
        "Afterword",
        "Notes",
        "Index",
        "About the Author",
    ]
    pages = {f"{number}.xhtml": prose(400) for number in range(len(names))}

    book = read_epub(epub(pages, listed(*names)))

    assert ["Introduction", "One", "Afterword"] == titles(book)
    assert 1.0 == book.coverage


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Table of Contents", "contents"),
        ("Acknowledgments", "acknowledgements"),
        ("Also by Ann Author", "other books"),
        ("List of Illustrations", "list of illustrations"),
        ("Inhaltsverzeichnis", "contents"),
        ("Über die Autorin", "about the author"),
        ("Danksagung", "acknowledgements"),
        ("Stichwortverzeichnis", "index"),
        ("Table des matières", "contents"),
        ("Du même auteur", "other books"),
        ("Dédicace", "dedication"),
        ("Índice", "contents"),
        ("Agradecimientos", "acknowledgements"),
        ("Acerca del autor", "about the author"),
        ("Bibliografía", "bibliography"),
        ("Ringraziamenti", "acknowledgements"),
        ("L’autore", "about the author"),
        ("Inhoudsopgave", "contents"),
        ("Over de auteur", "about the author"),
        ("Sobre o autor", "about the author"),
        ("Folha de rosto", "title page"),
    ],
)
def test_titles_are_recognised_in_seven_languages(title: str, reason: str) -> None:
    """The words of the title are recognised regardless of accents and case."""
    assert reason == reason_by_title(title)


@pytest.mark.parametrize(
    "title",
    ["Notes from Underground", "Introduction", "Vorwort", "Prologue", "The Index Case", "Reading", "I", "Epílogo"],
)
def test_titles_of_chapters_are_not_mistaken_for_matter(title: str) -> None:
    """A matching word within a longer title is not enough."""
    assert reason_by_title(title) is None


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Part One", True),
        ("PART II: The Deep", True),
        ("Zweiter Teil", True),
        ("Livre III", True),
        ("Primera parte", True),
        ("Part of the Story", False),
        ("Booking", False),
        ("Chapter 1", False),
    ],
)
def test_titles_of_parts_are_recognised(title: str, part: bool) -> None:
    """The title of a part has a number."""
    assert part == is_part_title(title)


def test_divider_pages_are_not_chapters_but_short_chapters_are() -> None:
    """A page that announces a part is skipped; five words between two chapters are a chapter."""
    pages = {
        "0.xhtml": f"<h1>Part One</h1>{prose(10)}",
        "1.xhtml": prose(900),
        "2.xhtml": "<p>My mother is a fish.</p>",
        "3.xhtml": prose(900),
        "4.xhtml": "<h1>The End</h1>",
    }

    book = read_epub(epub(pages, listed("Part One", "One", "Two", "Three", "Finis")))

    assert ["One", "Two", "Three"] == titles(book)
    assert [("Part One", 12, "divider page", 1), ("Finis", 2, "divider page", 5)] == [
        (part.title, part.words, part.reason, part.section) for part in book.left_out
    ]
    assert [2, 3, 4] == [chapter.section for chapter in book.chapters]


def test_unlisted_back_matter_does_not_join_the_last_chapter() -> None:
    """A page about the author after the last entry of the contents is not part of the last chapter."""
    pages = {"0.xhtml": prose(400), "1.xhtml": f"<h1>About the Author</h1>{prose(90)}"}

    book = read_epub(epub(pages, listed("One")))

    assert [400] == [len(chapter.text.split()) for chapter in book.chapters]
    assert {"About the Author": "about the author"} == reasons(book)


def test_unlisted_text_before_the_first_chapter_is_classified() -> None:
    """A prologue with a heading is a chapter, a copyright page is recognised by its sign, the rest is reported."""
    pages = {
        "a.xhtml": f"<p>© 2020 Ann Author</p>{prose(80)}",
        "b.xhtml": prose(100),
        "c.xhtml": f"<h1>Prologue</h1>{prose(200)}",
        "0.xhtml": prose(400),
    }

    book = read_epub(epub(pages, listed("One")))

    assert ["Prologue", "One"] == titles(book)
    assert ["copyright page", "not in the contents"] == [section.reason for section in book.left_out]
    assert round(600 / 700, 4) == round(book.coverage, 4)
    assert (
        "The table of contents leaves out chapters with headings: “Prologue”.",
        "100 words of the body text are in no chapter (14%): “Untitled page”.",
    ) == book.warnings


def test_pages_outside_the_reading_order_are_skipped() -> None:
    """Such a page is skipped unless it is in the contents; it is never added to a chapter."""
    pages = {"0.xhtml": prose(400), "x.xhtml": prose(300), "1.xhtml": prose(400)}
    spine = '<itemref idref="p0"/><itemref idref="p1" linear="no"/><itemref idref="p2" linear="no"/>'

    book = read_epub(epub(pages, listed("One", "Two"), spine=spine))

    assert [400, 400] == [len(chapter.text.split()) for chapter in book.chapters]
    assert ["beside the reading order"] == [section.reason for section in book.left_out]


def test_a_book_without_chapters_is_a_single_chapter() -> None:
    """If no section qualifies as a chapter, the whole text is one, titled like the book."""
    book = read_epub(epub({"0.xhtml": prose(60), "1.xhtml": prose(70)}, listed("Contents", "Notes")))

    assert ["The Sea"] == titles(book)
    assert 130 == len(book.chapters[0].text.split())
    assert ("Nothing in the book passes for a chapter; the whole text is one.",) == book.warnings
    assert () == book.left_out


def test_notes_that_list_every_chapter_again_are_notes() -> None:
    """Everything below the notes is notes, whatever its title and however many files it has."""
    pages = {f"{number}.xhtml": f"<h1>{number}</h1>{prose(400)}" for number in range(5)}
    notes: Entry = ("Notes", "2.xhtml", [("One", "2.xhtml"), ("Two", "3.xhtml")])

    book = read_epub(epub(pages, [("One", "0.xhtml"), ("Two", "1.xhtml"), notes]))

    assert ["One", "Two"] == titles(book)
    assert {"endnotes"} == {section.reason for section in book.left_out}
    assert 3 * 401 == sum(section.words for section in book.left_out)
