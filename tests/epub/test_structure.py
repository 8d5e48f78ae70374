"""Contents that cannot be believed, weighed against the headings of the book."""

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import Entry, epub, nav, page, prose

NAMES = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
TALES = ("The Storm", "The Calm", "The Ledger", "The Scale", "The Fog", "The Strait", "The Clerk", "The Council")


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def headed(count: int = 12, words: int = 400, level: int = 1) -> dict[str, str]:
    """Return pages with a heading each: Chapter One, Chapter Two ..."""
    return {
        f"{number}.xhtml": f"<h{level}>Chapter {name}</h{level}>{prose(words)}"
        for number, name in enumerate(NAMES[:count], start=1)
    }


CHAPTERS = [f"Chapter {name}" for name in NAMES]


@pytest.mark.parametrize(
    "entries",
    [
        [("Cover", "cover.xhtml"), ("Start", "1.xhtml")],
        [("Cover", "cover.xhtml"), ("Title Page", "title.xhtml"), ("Begin Reading", "1.xhtml")],
        [("Chapter Two", "2.xhtml"), ("Chapter Three", "3.xhtml"), ("Chapter Seven", "7.xhtml")],
    ],
)
def test_contents_of_a_few_places_give_way_to_headings(entries: list[Entry]) -> None:
    pages = {"cover.xhtml": "<p>Cover</p>", "title.xhtml": "<h1>The Sea</h1><p>Ann Author</p>"} | headed()

    book = read_epub(epub(pages, entries))

    assert CHAPTERS == titles(book)
    assert any("leaves out most chapters" in warning for warning in book.warnings)


def test_places_in_the_middle_of_files_give_way_to_headings() -> None:
    pages = headed(10)
    for number in (2, 5, 8):
        pages[f"{number}.xhtml"] += f'<p id="x">{"sea " * 80}</p>'

    book = read_epub(epub(pages, [("PROLOGUE", "2.xhtml#x"), ("MIDDLE", "5.xhtml#x"), ("END", "8.xhtml#x")]))

    assert CHAPTERS[:10] == titles(book)


def test_a_few_headed_chapters_that_the_contents_forgot_are_added() -> None:
    entries: list[Entry] = [(f"Chapter {name}", f"{n}.xhtml") for n, name in enumerate(NAMES, 1) if n not in (4, 9)]

    book = read_epub(epub(headed(), entries))

    assert CHAPTERS == titles(book)
    assert (
        "The table of contents leaves out chapters with headings: “Chapter Four”, “Chapter Nine”.",
    ) == book.warnings


def test_headed_files_below_the_level_of_chapters_stay_in_their_chapter() -> None:
    pages = {
        "1.xhtml": f"<h1>One</h1>{prose(400)}",
        "1a.xhtml": f"<h2>Sand</h2>{prose(400)}",
        "2.xhtml": f"<h1>Two</h1>{prose(400)}",
    }

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert () == book.warnings


@pytest.mark.parametrize("per_file", [1, 3, 12])
@pytest.mark.parametrize("fragment", ["#gone{}", ""])
def test_entries_with_wrong_places_are_found_by_their_headings(per_file: int, fragment: str) -> None:
    chapters = [f"<h2>Chapter {name}</h2>{prose(400, name.lower())}" for name in NAMES]
    pages = {f"{n // per_file}.xhtml": "".join(chapters[n : n + per_file]) for n in range(0, 12, per_file)}
    entries: list[Entry] = [
        (f"Chapter {name}", f"{n // per_file}.xhtml{fragment.format(n)}") for n, name in enumerate(NAMES)
    ]

    book = read_epub(epub(pages, entries))

    assert CHAPTERS == titles(book)
    assert [" ".join([name.lower()] * 400) for name in NAMES] == [chapter.text for chapter in book.chapters]
    assert (per_file > 1) == any("found by their headings" in warning for warning in book.warnings)


def test_the_last_file_of_a_divided_chapter_gives_way_to_its_heading() -> None:
    pages = {}
    entries: list[Entry] = []
    for number, name in enumerate(NAMES[:4]):
        pages[f"{number}a.xhtml"] = f"<h1>Chapter {name}</h1>{prose(300, name.lower())}"
        pages |= {f"{number}{piece}.xhtml": prose(300, name.lower()) for piece in "bc"}
        entries.append((f"Chapter {name}", f"{number}c.xhtml"))

    book = read_epub(epub(pages, entries))

    assert CHAPTERS[:4] == titles(book)
    assert [{name.lower()} for name in NAMES[:4]] == [set(chapter.text.split()) for chapter in book.chapters]


def test_sections_in_files_of_their_own_stay_in_numbered_chapters() -> None:
    pages: dict[str, str] = {}
    entries: list[Entry] = []
    for number in range(1, 11):
        pages[f"{number}.xhtml"] = f"<h1>{number} The Tale</h1>{prose(60)}"
        sections = [(f"{number}.{part} Of Ropes", f"{number}-{part}.xhtml") for part in range(1, 8)]
        pages |= {href: f"<h2>{title}</h2>{prose(300)}" for title, href in sections}
        entries.append((f"{number} {TALES[number % 8]}", f"{number}.xhtml", list(sections)))

    book = read_epub(epub(pages, entries))

    assert [f"{number} {TALES[number % 8]}" for number in range(1, 11)] == titles(book)
    assert 1.0 == book.coverage


def test_many_short_files_are_the_sections_of_what_stands_above() -> None:
    pages: dict[str, str] = {}
    entries: list[Entry] = []
    for number in range(16):
        pages[f"{number}.xhtml"] = f"<h1>Tale {TALES[number % 8]} {number}x</h1>"
        sections = [(f"Of rope {number} and {part}", f"{number}-{part}.xhtml") for part in range(20)]
        pages |= {href: f"<h2>{title}</h2>{prose(120)}" for title, href in sections}
        entries.append((f"Tale {TALES[number % 8]} {number}x", f"{number}.xhtml", list(sections)))

    assert 16 == len(read_epub(epub(pages, entries)).chapters)


@pytest.mark.parametrize("part", ["Calm", "The Long Voyage Home", "Part One"])
def test_chapters_may_be_anchors_in_the_file_of_a_part(part: str) -> None:
    names = iter(TALES * 2)
    pages: dict[str, str] = {}
    entries: list[Entry] = []
    for number in range(3):
        anchors = [(f"{next(names)} {number}", f"{number}.xhtml#c{index}") for index in range(4)]
        chapters = (f'<h2 id="c{index}">{title}</h2>{prose(600)}' for index, (title, _) in enumerate(anchors))
        pages[f"{number}.xhtml"] = f"<h1>{part} {number}</h1>{''.join(chapters)}"
        entries.append((f"{part} {number}", f"{number}.xhtml", list(anchors)))

    assert 12 == len(read_epub(epub(pages, entries)).chapters)


def test_an_omnibus_tells_its_books_apart() -> None:
    books = ("The Calm of the Fog", "The Storm of the Strait", "The Scale")
    entries: list[Entry] = []
    pages: dict[str, str] = {}
    for number, name in enumerate(books):
        chapters = [(f"Chapter {index}", f"{number}.xhtml#c{index}") for index in range(1, 7)]
        texts = (f'<h2 id="c{index}">Chapter {index}</h2>{prose(350)}' for index in range(1, 7))
        pages[f"{number}.xhtml"] = f"<h1>{name}</h1>{''.join(texts)}"
        entries.append((name, f"{number}.xhtml", list(chapters)))

    assert [f"{name}: Chapter {n}" for name in books for n in range(1, 7)] == titles(read_epub(epub(pages, entries)))


def test_books_in_flat_contents_are_told_apart_where_numbers_start_again() -> None:
    entries: list[Entry] = []
    pages: dict[str, str] = {}
    for name in ("Fog", "Strait"):
        pages[f"{name}.xhtml"] = f"<h1>The {name}</h1>"
        entries.append((f"The {name}", f"{name}.xhtml"))
        for number in range(1, 4):
            pages[f"{name}{number}.xhtml"] = f"<h2>{number}</h2>{prose(350)}"
            entries.append((str(number), f"{name}{number}.xhtml"))

    book = read_epub(epub(pages, entries))

    assert ["The Fog: 1", "The Fog: 2", "The Fog: 3", "The Strait: 1", "The Strait: 2", "The Strait: 3"] == titles(book)


def test_parts_within_books_are_named_where_chapters_recur() -> None:
    entries: list[Entry] = []
    pages: dict[str, str] = {}
    for name in ("Fog", "Strait"):
        parts: list[Entry] = []
        for part in ("Part One", "Part Two"):
            hrefs = [f"{name}{part[-3:]}{number}.xhtml" for number in (1, 2)]
            pages |= {href: prose(400) for href in hrefs}
            parts.append((part, hrefs[0], [(str(number), href) for number, href in enumerate(hrefs, 1)]))
        entries.append((f"The {name}", parts[0][1], parts))

    book = read_epub(epub(pages, entries))

    assert "The Fog: Part One: 1" == titles(book)[0]
    assert "The Strait: Part Two: 2" == titles(book)[-1]
    assert 8 == len(set(titles(book)))


def test_names_without_a_link_head_what_is_beneath_them() -> None:
    pages = {f"{number}.xhtml": prose(350) for number in range(4)}
    lists = "".join(
        f'<li><span>The {name}</span><ol><li><a href="{first}.xhtml">1</a></li>'
        f'<li><a href="{first + 1}.xhtml">2</a></li></ol></li>'
        for first, name in ((0, "Fog"), (2, "Strait"))
    )
    contents = page(f'<nav epub:type="toc"><ol>{lists}</ol></nav>')

    book = read_epub(epub(pages, [], extra={"OEBPS/nav.xhtml": contents}))

    assert ["The Fog: 1", "The Fog: 2", "The Strait: 1", "The Strait: 2"] == titles(book)


def test_one_file_with_chapters_and_sections_has_the_chapters() -> None:
    chapters = "".join(
        f'<h1 id="c{n}">{n}. {TALES[n]}</h1>{prose(200)}'
        + "".join(f'<h2 id="s{n}{part}">Of {part}</h2>{prose(200)}' for part in ("ropes", "sails", "knots", "tides"))
        for n in range(1, 7)
    )
    entries: list[Entry] = [
        (
            f"{n}. {TALES[n]}",
            f"all.xhtml#c{n}",
            [(f"Of {part}", f"all.xhtml#s{n}{part}") for part in ("ropes", "sails", "knots", "tides")],
        )
        for n in range(1, 7)
    ]
    expected = [f"{n}. {TALES[n]}" for n in range(1, 7)]

    assert expected == titles(read_epub(epub({"all.xhtml": chapters}, entries)))
    assert expected == titles(read_epub(epub({"all.xhtml": chapters})))


def test_the_highest_heading_is_the_book_if_every_file_has_it() -> None:
    pages = {
        f"{n}.xhtml": f"<h1>Ledgers of the Strait</h1><h2>Chapter {n}: {TALES[n]}</h2>{prose(300)}" for n in range(4)
    }

    book = read_epub(epub(pages))

    assert [f"Chapter {n}: {TALES[n]}" for n in range(4)] == titles(book)
    assert [300] * 4 == [len(chapter.text.split()) for chapter in book.chapters]


def test_books_of_a_volume_without_contents_are_told_apart_by_their_headings() -> None:
    pages = {
        f"{name}{n}.xhtml": f"<h1>The {name}</h1><h2>Chapter {n}</h2>{prose(300)}"
        for name in ("Fog", "Strait", "Scale")
        for n in range(1, 4)
    }

    book = read_epub(epub(pages))

    assert [f"The {name}: Chapter {n}" for name in ("Fog", "Strait", "Scale") for n in range(1, 4)] == titles(book)


def test_a_listed_number_is_completed_by_the_heading() -> None:
    pages = {f"{n}.xhtml": f"<h1>{n}</h1><h2>{TALES[n]}</h2>{prose(300)}" for n in range(1, 4)}
    pages["4.xhtml"] = f"<h1>{TALES[4]}</h1>{prose(300)}"
    pages["5.xhtml"] = f"<h1>Chapter 5</h1><h2>Ropes</h2>{prose(300)}<h2>Sails</h2>{prose(300)}"

    book = read_epub(epub(pages, [(str(n), f"{n}.xhtml") for n in range(1, 6)]))

    assert [f"1: {TALES[1]}", f"2: {TALES[2]}", f"3: {TALES[3]}", f"4: {TALES[4]}", "5"] == titles(book)


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Chapter 1<br/>The Storm", "Chapter 1 The Storm"),
        ('<span class="n">2</span><span class="t">The Calm</span>', "2 The Calm"),
        ("<span>Chapter Three</span><span>A Scale</span>", "Chapter Three A Scale"),
        ("<span>T</span><span>he Fog</span>", "The Fog"),
        ("<big>F</big>OG", "FOG"),
        ("<div>IV</div><div>The Strait</div>", "IV The Strait"),
        ("&lt;i&gt;The Silt&lt;/i&gt; &amp;amp; the Sea", "The Silt & the Sea"),
        ("1 &lt; 2", "1 < 2"),
        ("1.xhtml", "Of Heading"),
        ("index_split_000.html", "Of Heading"),
        ("1", "1: Of Heading"),
    ],
)
def test_labels_are_what_a_person_reads(label: str, title: str) -> None:
    contents = page(f'<nav epub:type="toc"><ol><li><a href="1.xhtml">{label}</a></li></ol></nav>')

    book = read_epub(epub({"1.xhtml": f"<h1>Of Heading</h1>{prose(300)}"}, [], extra={"OEBPS/nav.xhtml": contents}))

    assert [title] == titles(book)


def test_files_that_go_on_in_the_middle_of_a_sentence_are_one_chapter() -> None:
    pages = {
        "1.xhtml": f"<h1>The Storm</h1><p>It blew.</p>{prose(300)}",
        "2.xhtml": "<p>and went on blowing.</p>",
        "3.xhtml": f"<h1>The Calm</h1>{prose(300)}",
    }

    book = read_epub(epub(pages))

    assert ["The Storm", "The Calm"] == titles(book)
    assert book.chapters[0].text.endswith("and went on blowing.")


def test_nested_contents_may_be_deep() -> None:
    """A label nested a thousand elements deep is read, not an error."""
    label = "<span>" * 200 + "The Storm" + "</span>" * 200
    contents = nav([]).replace("<ol></ol>", f'<ol><li><a href="1.xhtml">{label}</a></li></ol>')

    assert ["The Storm"] == titles(read_epub(epub({"1.xhtml": prose(60)}, [], extra={"OEBPS/nav.xhtml": contents})))


def test_contents_of_parts_alone_give_way_to_chapters() -> None:
    pages = {
        f"{name}.xhtml": f"<h1>{name}</h1>"
        + "".join(f"<h2>Chapter {number}</h2>{prose(400)}" for number in range(first, first + 4))
        for name, first in (("Fog", 1), ("Strait", 5), ("Scale", 9))
    }

    book = read_epub(epub(pages, [(name, f"{name}.xhtml") for name in ("Fog", "Strait", "Scale")]))

    assert [f"Chapter {number}" for number in range(1, 13)] == titles(book)


def test_notes_of_a_chapter_are_not_those_of_the_book() -> None:
    """The entry Notes leads to a page without a heading, and one chapter has notes of its own."""
    pages = {
        "1.xhtml": f"<h1>One</h1>{prose(400)}<h2>Notes</h2><p>1. See it.</p>",
        "2.xhtml": f"<h1>Two</h1>{prose(400)}",
        "notes.xhtml": "<p>1. See the ledger.</p><p>2. See the log.</p>",
    }

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml"), ("Notes", "notes.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert "ledger" in book.left_out[-1].text
    assert not any("wrong places" in warning for warning in book.warnings)
