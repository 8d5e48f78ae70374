"""How the markup of a page becomes text."""

import pytest

from bookbytes_pipeline.domain.book import BookText, SkippedSection
from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.epub.text import read_page_text
from tests.epub.building import epub, opf, page, prose, zipped

CONTENTS = [("One", "1.xhtml")]


def text_of(body: str) -> str:
    return read_epub(epub({"1.xhtml": body}, CONTENTS)).chapters[0].text


def book_of(document: str | bytes) -> BookText:
    return read_epub(epub({"1.xhtml": ""}, CONTENTS, extra={"OEBPS/1.xhtml": document}))


def test_blocks_are_paragraphs_and_white_space_is_collapsed() -> None:
    """Blocks are separated by blank lines; inline elements are joined unchanged."""
    body = "<div>Bare\n text<p>One <b>bo</b>ld\n\tword</p> tail</div><p>Soft\u00adhyphen &#160; gap</p>"

    assert "Bare text\n\nOne bold word\n\ntail\n\nSofthyphen gap" == text_of(body)


def test_tables_lists_and_verse_keep_their_words() -> None:
    """Cells and lines are not joined together."""
    body = (
        "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table><ul><li>d</li><li>e</li></ul>"
        "<dl><dt>f</dt><dd>g</dd></dl><p><span>h</span><br/><span>i</span></p>"
    )

    assert "a b\n\nc\n\nd\n\ne\n\nf\n\ng\n\nh i" == text_of(body)


def test_content_that_is_not_read_aloud_is_dropped() -> None:
    """Scripts, styles, navigation, page numbers and ruby glosses are not text; the text after them is."""
    body = (
        "<p>a<script>x</script>b<style>x</style>c</p><nav>x</nav><p>d<span epub:type='pagebreak'>12</span>e"
        "<span role='doc-pagebreak'>13</span>f <ruby>g<rp>(</rp><rt>x</rt></ruby></p>"
    )

    assert "abc\n\ndef g" == text_of(body)


@pytest.mark.parametrize(
    "reference",
    [
        "<a epub:type='noteref' href='#n'>1</a>",
        "<a role='doc-noteref' href='#n'>see</a>",
        "<sup><a href='#n'>12</a></sup>",
        "<a href='#n'><sup>*</sup></a>",
        "<a href='notes.xhtml#n'>[3]</a>",
    ],
)
def test_note_references_are_not_read_aloud(reference: str) -> None:
    """A reference to a footnote is removed and the sentence around it stays."""
    assert "The sea. And more." == text_of(f"<p>The sea{reference}. And more.</p>")


def test_raised_numbers_and_links_that_are_text_stay() -> None:
    """An exponent is not a footnote, and neither is a link with words."""
    assert "x squared and chapter 3" == text_of("<p>x<sup>2</sup> and <a href='3.xhtml#x'>chapter 3</a></p>")


@pytest.mark.parametrize(
    "note", ["epub:type='footnote'", "epub:type='rearnote'", "role='doc-endnote'", "class='footnote'"]
)
def test_footnotes_are_skipped_and_counted(note: str) -> None:
    """The body of a note is in no chapter, and is reported as skipped."""
    book = read_epub(epub({"1.xhtml": f"{prose(60)}<aside {note}><p>A note on it.</p></aside>"}, CONTENTS))

    assert 60 == len(book.chapters[0].text.split())
    assert (SkippedSection("One", 4, "footnotes"),) == book.left_out
    assert 1.0 == book.coverage


def test_headings_are_titles_and_not_text() -> None:
    """The heading of a chapter is not repeated in its text; headings within it stay."""
    body = "<hgroup><h2>I</h2><p>Shore</p></hgroup><p class='t'>One</p><p>Text.</p><h3>Sand</h3><p>More.</p>"

    assert "Text.\n\nSand\n\nMore." == text_of(body)


def test_a_number_and_a_title_are_joined() -> None:
    """Without contents the heading's number and words are joined."""
    book = read_epub(epub({"1.xhtml": f"<hgroup><h2>IV</h2><p>The Wreck</p></hgroup>{prose(60)}"}))

    assert ["IV: The Wreck"] == [chapter.title for chapter in book.chapters]


def test_prose_marked_up_as_headings_is_prose() -> None:
    """A page whose paragraphs are all headings loses only its title."""
    body = "<h1>One</h1>" + "".join(f"<h2>{'sea ' * 60}</h2>" for _ in range(6))

    assert 360 == len(text_of(body).split())


def test_html_entities_survive_in_broken_xhtml() -> None:
    """A named entity unknown to XML loses no paragraph, also in a page that is not well-formed."""
    body = "<p>One&nbsp;two &mdash; three</p><p>unclosed <b>bold<p>caf&eacute; &amp; &LT;more</p>"

    assert "One two — three\n\nunclosed bold\n\ncafé & <more" == text_of(body)


def test_entities_are_known_without_loading_the_document_type() -> None:
    """With a document type and without its DTD file, HTML's entities are still known."""
    document = page("<p>One&nbsp;two&hellip;</p>").replace(
        "<html", '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://192.0.2.1/xhtml11.dtd"><html', 1
    )

    assert "One two…" == book_of(document).chapters[0].text


@pytest.mark.parametrize(
    "document",
    [
        "\ufeff" + page("<p>Étude</p>"),
        page("<p>Étude</p>").encode("utf-16"),
        page("<p>Étude</p>").replace("utf-8", "iso-8859-1").encode("latin-1"),
        page("<p>Étude</p>").replace(' encoding="utf-8"', "").encode("cp1252"),
        page("<p>Étude</p>").replace("utf-8", "punycode").encode("latin-1"),
        page("<p>Étude</p>").replace("<html", "\r\n<html").replace("<?xml", "\r\n<?xml"),
    ],
)
def test_every_encoding_is_read(document: str | bytes) -> None:
    """Byte order marks, declarations, missing and nonsensical ones: the letters are correct."""
    content = document if isinstance(document, bytes) else document.encode()

    assert "Étude" == book_of(content).chapters[0].text


def test_epub_types_work_without_a_declared_namespace() -> None:
    """A page that does not declare the `epub` prefix is read, and its types are used."""
    document = page(prose(60), "bodymatter").replace(' xmlns:epub="http://www.idpf.org/2007/ops"', "")

    assert 60 == len(book_of(document).chapters[0].text.split())


def test_deep_nesting_is_read_completely() -> None:
    """Unclosed tags accumulate in bad pages; the words inside are kept."""
    assert "deep" == text_of("<font>" * 900 + "deep")


def test_package_with_byte_order_mark_windows_lines_and_no_namespace() -> None:
    """A package document of a sloppy tool is read like any other."""
    sloppy = opf(["1.xhtml"]).replace(' xmlns="http://www.idpf.org/2007/opf"', "").replace("dc:", "")
    files = {"OEBPS/book.opf": "\ufeff" + sloppy.replace("><", ">\r\n<"), "OEBPS/1.xhtml": page(prose(60))}

    book = read_epub(zipped(files))

    assert "The Sea" == book.title
    assert ("Ann Author",) == book.authors


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p><b>Chapter One</b></p>",
        "<p><span style='font-weight: 700'>Chapter</span> <strong>One</strong></p>",
        "<p align='center'>Chapter One</p>",
        "<div style='text-align:center'><p>Chapter One</p></div>",
        "<center>Chapter One</center>",
        "<p class='calibre3 chapter-title'>Chapter One</p>",
        "<p><span class='chapternumber'>Chapter One</span></p>",
    ],
)
def test_a_paragraph_that_looks_like_a_heading_is_told_apart(paragraph: str) -> None:
    """Bold, centred or classed for a title, all of it: the paragraph stands out, the prose after it does not."""
    blocks = read_page_text(page(f"{paragraph}<p>The sea.</p>").encode(), ()).blocks

    assert [("Chapter One", True, 0), ("The sea.", False, 0)] == [(b.text, b.display, b.level) for b in blocks]


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p><b>Chapter One</b> began.</p>",
        "<div class='chapter'><p>Chapter One began.</p></div>",
        "<div style='text-align:center'><p style='text-align:left'>Chapter One began.</p></div>",
        "<p class='headless centerfold'>Chapter One began.</p>",
        f"<p align='center'>{'sea ' * 41}</p>",
    ],
)
def test_prose_does_not_look_like_a_heading(paragraph: str) -> None:
    """What is bold in part, in a box named chapter, or longer than any title is prose."""
    assert [False] == [block.display for block in read_page_text(page(paragraph).encode(), ()).blocks]


def test_the_characters_of_links_are_counted() -> None:
    """A line of a list of links says so; the spaces do not count, nor does an anchor that leads nowhere."""
    body = "<p><a href='2.xhtml'>The <b>sea</b></a> 12</p><p><a id='x'>The sea</a></p>"

    assert [6, 0] == [block.linked for block in read_page_text(page(body).encode(), ()).blocks]
