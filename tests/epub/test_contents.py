"""Where chapters begin and end, for every form of contents."""

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import Entry, epub, page, prose


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def sizes(book: BookText) -> list[int]:
    return [len(chapter.text.split()) for chapter in book.chapters]


def test_epub_3_navigation_names_the_chapters() -> None:
    """Titles come from the navigation document and text from the pages, without the pages' own headings."""
    pages = {"1.xhtml": f"<h1>One</h1>{prose(60)}", "2.xhtml": f"<h1>Two</h1>{prose(70)}"}

    book = read_epub(epub(pages, [("I: The Shore", "1.xhtml"), ("II: The Deep", "2.xhtml")]))

    assert ["I: The Shore", "II: The Deep"] == titles(book)
    assert [60, 70] == sizes(book)
    assert [1, 2] == [chapter.number for chapter in book.chapters]


def test_epub_2_contents_name_the_chapters() -> None:
    """An NCX file serves where there is no navigation document."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70)}

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml")], version=2))

    assert ["One", "Two"] == titles(book)
    assert [60, 70] == sizes(book)


def test_a_book_without_contents() -> None:
    """Without contents every page is a chapter, titled by its first heading or its number."""
    book = read_epub(epub({"1.xhtml": f"<h2>The Shore</h2>{prose(60)}", "2.xhtml": prose(70)}))

    assert ["The Shore", "Chapter 2"] == titles(book)
    assert ("The book has no usable table of contents; its chapters are taken from its headings.",) == book.warnings


def test_a_single_page_without_contents_is_split_at_its_headings() -> None:
    """A whole book in a single file, under its own title, has a chapter for each heading below the title."""
    body = f"<h1>The Sea</h1>{prose(5)}<h2>Shore</h2>{prose(60)}<h3>Sand</h3>{prose(10)}<h2>Deep</h2>{prose(70)}"

    book = read_epub(epub({"all.xhtml": body}))

    assert ["Shore", "Deep"] == titles(book)
    assert [5 + 60 + 1 + 10, 70] == sizes(book)


def test_links_may_be_percent_encoded() -> None:
    """Links are percent-encoded and file names are not."""
    pages = {"Chapter%20One%20%C3%A9.xhtml": ""}
    files = {"OEBPS/Chapter One é.xhtml": page(prose(60))}

    book = read_epub(epub(pages, [("One", "Chapter%20One%20%C3%A9.xhtml")], extra=files))

    assert [60] == sizes(book)


def test_file_names_may_be_percent_encoded() -> None:
    """Some tools write the encoded name into the archive as well."""
    book = read_epub(epub({"Chapter%20One.xhtml": prose(60)}, [("One", "Chapter%20One.xhtml")]))

    assert [60] == sizes(book)


def test_a_file_may_have_several_chapters() -> None:
    """A file is split at the anchors in the contents, however deeply nested, in the order of the page."""
    body = (
        f'<div id="c1"><section><h2>One</h2>{prose(60)}</section></div>'
        f'<div><div><h2><a id="c2"></a>Two</h2>{prose(70)}</div></div>'
        f'<h2>Three</h2><p id="c3">{"sea " * 80}</p>'
    )
    entries: list[Entry] = [("Three", "all.xhtml#c3"), ("One", "all.xhtml#c1"), ("Two", "all.xhtml#c2")]

    book = read_epub(epub({"all.xhtml": body}, entries))

    assert ["One", "Two", "Three"] == titles(book)
    assert [60, 70, 80] == sizes(book)


def test_an_anchor_may_be_inside_a_paragraph() -> None:
    """Old conversions have the whole book in one paragraph: it is split at the anchor."""
    body = '<p><a id="c1"/>first words<br/><br/><a name="c2"/>other words</p>'

    book = read_epub(epub({"all.xhtml": body}, [("One", "all.xhtml#c1"), ("Two", "all.xhtml#c2")]))

    assert ["first words", "other words"] == [chapter.text for chapter in book.chapters]


def test_a_chapter_may_have_several_files() -> None:
    """Files between two entries of the contents belong to the earlier one."""
    pages = {"1a.xhtml": prose(60), "1b.xhtml": prose(70), "1c.xhtml": prose(10), "2.xhtml": prose(80)}

    book = read_epub(epub(pages, [("One", "1a.xhtml"), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert [140, 80] == sizes(book)


def test_text_before_the_first_anchor_belongs_to_the_previous_chapter() -> None:
    """A file may begin with the end of the previous chapter."""
    pages = {"1.xhtml": prose(60), "2.xhtml": f'{prose(15)}<h2 id="two">Two</h2>{prose(70)}'}

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml#two")]))

    assert [75, 70] == sizes(book)


def test_chapters_are_the_leaves_of_nested_contents() -> None:
    """A part's short introduction is the start of its first chapter; none of it is lost."""
    pages = {
        "p1.xhtml": f"<h1>Part One</h1>{prose(30, 'intro')}",
        "1.xhtml": prose(60),
        "2.xhtml": prose(70),
        "p2.xhtml": "<h1>Part Two</h1>",
        "3.xhtml": prose(80),
    }
    first: Entry = ("Part One", "p1.xhtml", [("One", "1.xhtml"), ("Two", "2.xhtml")])
    second: Entry = ("Part Two", "p2.xhtml", [("Three", "3.xhtml")])

    book = read_epub(epub(pages, [first, second]))

    assert ["One", "Two", "Three"] == titles(book)
    assert [90, 70, 80] == sizes(book)
    assert book.chapters[0].text.startswith("intro")
    assert ["divider page"] == [section.reason for section in book.left_out]


def test_a_long_introduction_of_a_part_is_a_chapter() -> None:
    """An introduction that is too long for the first chapter is a separate chapter."""
    pages = {"p1.xhtml": f"<h1>Part One</h1>{prose(400)}", "1.xhtml": prose(60)}

    book = read_epub(epub(pages, [("Part One", "p1.xhtml", [("One", "1.xhtml")])]))

    assert ["Part One", "One"] == titles(book)


def test_parts_within_parts_lose_nothing() -> None:
    """The words of an outer and an inner part both start the chapter below them."""
    pages = {"p.xhtml": prose(20, "outer"), "q.xhtml": prose(30, "inner"), "1.xhtml": prose(60)}
    inner: Entry = ("Book One", "q.xhtml", [("One", "1.xhtml")])

    book = read_epub(epub(pages, [("Part One", "p.xhtml", [inner])]))

    assert [110] == sizes(book)
    assert 1.0 == book.coverage


def test_a_part_and_its_first_chapter_on_the_same_page() -> None:
    """If both point at the same position, the chapter has the text."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70)}

    book = read_epub(epub(pages, [("Part One", "1.xhtml", [("One", "1.xhtml"), ("Two", "2.xhtml")])]))

    assert ["One", "Two"] == titles(book)


def test_sections_listed_below_a_chapter_stay_in_it() -> None:
    """A chapter whose sections are in its file is a single chapter."""
    body = f'{prose(60)}<h2 id="a">Sand</h2>{prose(70)}<h2 id="b">Salt</h2>{prose(80)}'
    first: Entry = ("The Shore", "1.xhtml", [("Sand", "1.xhtml#a"), ("Salt", "1.xhtml#b")])

    book = read_epub(epub({"1.xhtml": body, "2.xhtml": prose(90)}, [first, ("The Deep", "2.xhtml")]))

    assert ["The Shore", "The Deep"] == titles(book)
    assert [212, 90] == sizes(book)


def test_contents_may_be_out_of_order() -> None:
    """Chapters are in the order of the book, not of its contents."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70), "3.xhtml": prose(80)}

    book = read_epub(epub(pages, [("Three", "3.xhtml"), ("One", "1.xhtml"), ("Two", "2.xhtml")]))

    assert ["One", "Two", "Three"] == titles(book)


def test_an_entry_whose_file_is_missing_is_matched_by_position() -> None:
    """It gets the only remaining page between its neighbours, with a warning about the guess."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70), "3.xhtml": prose(80)}

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "02.xhtml"), ("Three", "3.xhtml#")]))

    assert ["One", "Two", "Three"] == titles(book)
    assert [60, 70, 80] == sizes(book)
    assert ("The contents point at missing files; these titles were matched by position: “Two”.",) == book.warnings


def test_an_entry_without_a_page_is_skipped() -> None:
    """If no page remains the entry is skipped, with a warning."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70)}

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Lost", "lost.xhtml"), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert ("The table of contents names what is not in the book: “Lost”.",) == book.warnings


def test_a_fragment_that_does_not_exist_means_the_start_of_its_file() -> None:
    """No text is lost because of a wrong anchor."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70)}

    book = read_epub(epub(pages, [("One", "1.xhtml#gone"), ("Two", "2.xhtml#")]))

    assert [60, 70] == sizes(book)


def test_an_anchor_may_be_below_its_heading() -> None:
    """A heading above its anchor belongs to that chapter, not to the previous one."""
    body = f'<h2>One</h2><a id="c1"/>{prose(60)}<h2>Two</h2><p id="c2">{"sea " * 70}</p>'

    book = read_epub(epub({"all.xhtml": body}, [("One", "all.xhtml#c1"), ("Two", "all.xhtml#c2")]))

    assert [60, 70] == sizes(book)


def test_the_same_page_twice_in_the_spine_is_read_once() -> None:
    """No chapter is repeated."""
    pages = {"1.xhtml": prose(60), "2.xhtml": prose(70)}
    spine = '<itemref idref="p0"/><itemref idref="p1"/><itemref idref="p0"/>'

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml")], spine=spine))

    assert [60, 70] == sizes(book)


def test_navigation_in_the_spine_is_not_text() -> None:
    """The contents page is skipped and does not reduce the coverage."""
    spine = '<itemref idref="nav"/><itemref idref="p0"/>'
    contents: list[Entry] = [("Contents", "nav.xhtml"), ("One", "1.xhtml")]

    book = read_epub(epub({"1.xhtml": prose(60)}, contents, spine=spine))

    assert ["One"] == titles(book)
    assert 1.0 == book.coverage


def test_a_start_link_is_not_a_table_of_contents() -> None:
    """Contents of a single entry, in a book of many pages with headings, are replaced by the headings."""
    pages = {f"{name}.xhtml": f"<h1>{name}</h1>{prose(60)}" for name in ("Shore", "Deep", "Wreck")}

    book = read_epub(epub(pages, [("Start", "Shore.xhtml")]))

    assert ["Shore", "Deep", "Wreck"] == titles(book)


def test_images_as_links_have_their_alternative_text() -> None:
    """The title of a chapter that is listed as an image is the image's alternative text."""
    image_nav = (
        '<nav epub:type="toc"><ol><li><a href="1.xhtml"><img src="x.png" alt="One" title="Pic"/></a></li></ol></nav>'
    )

    book = read_epub(epub({"1.xhtml": prose(60)}, [], extra={"OEBPS/nav.xhtml": page(image_nav)}))

    assert ["One"] == titles(book)
