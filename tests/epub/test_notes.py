"""Notes of every tool: their marks are not read, their bodies are apart, and sentences stay whole."""

import pytest

from bookbytes_pipeline.epub.blocks import PageText
from bookbytes_pipeline.epub.text import read_page_text
from tests.epub.building import page

PROSE = "<p>The harbour office kept a ledger of every boat that came in before dawn, and it is kept still.</p>" * 4


def read(body: str) -> PageText:
    return read_page_text(page(body).encode(), ())


def texts(body: str, *, note: bool) -> list[str]:
    return [block.text for block in read(body).blocks if block.note == note]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            '<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup>',
            '<div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a> See it.</p></div>',
        ),
        (
            '<a href="#_ftn1" name="_ftnref1">[1]</a>',
            '<div id="ftn1"><p class="MsoFootnoteText"><a href="#_ftnref1" name="_ftn1">[1]</a> See it.</p></div>',
        ),
        ('<a href="#fn1" class="calibre5"><sup>1</sup></a>', '<p id="fn1" class="c"><a href="#r1">1</a>. See it.</p>'),
        ('<a href="#n1" id="r1">1</a>', '<p id="n1">1. See it. <a href="#r1">↩</a></p>'),
        (
            '<span class="CharOverride-1"><a href="#n1">1</a></span>',
            '<div class="_idFootnote" id="n1"><p>1 See it.</p></div>',
        ),
        (
            '<a class="footnote-ref" href="#fn1" role="doc-noteref"><sup>1</sup></a>',
            '<section class="footnotes"><ol><li id="fn1"><p>See it.</p></li></ol></section>',
        ),
        ("<sup>1</sup>", '<p class="fn"><sup>1</sup> See it.</p>'),
        ("<sup>1</sup>", "<p><sup>1</sup> See it.</p>"),
        ("[1]", "<p>[1] See it.</p>"),
        ('<sup class="footnote">1</sup>', '<aside class="footnote"><p>See it.</p></aside>'),
        (
            '<a href="#sdfootnote1sym" name="sdfootnote1anc"><sup>1</sup></a>',
            '<div id="sdfootnote1"><p><a href="#sdfootnote1anc">1</a>See it.</p></div>',
        ),
    ],
)
def test_notes_of_many_tools_are_apart(mark: str, note: str) -> None:
    body = f"{PROSE}<p>The ledger is old.{mark} It is kept.</p><hr/>{note}"

    notes = texts(body, note=True)

    assert ["The ledger is old. It is kept."] == [text.replace("[1]", "") for text in texts(body, note=False)][4:]
    assert 1 == len(notes)
    assert "See it." in notes[0]


@pytest.mark.parametrize(
    "note",
    [
        '<span class="footnote">It was bound twice.</span>',
        '<span epub:type="footnote">It was bound twice.</span>',
        '<aside epub:type="footnote"><p>It was bound twice.</p></aside>',
        '<span class="note footnote-text"><span class="n">It was bound twice.</span></span>',
    ],
)
def test_a_note_inside_a_sentence_leaves_it_whole(note: str) -> None:
    body = f"<p>The ledger{note} is old.</p>"

    assert ["The ledger is old."] == texts(body, note=False)
    assert ["It was bound twice."] == texts(body, note=True)


def test_a_heading_above_notes_belongs_to_them() -> None:
    notes = "<h2>Notes</h2><p><sup>1</sup> A.</p><p><sup>2</sup> B.</p>"

    assert ["Notes", "A.", "B."] == texts(f"{PROSE}<p>It is old.<sup>1</sup> So.<sup>2</sup></p>{notes}", note=True)


@pytest.mark.parametrize(
    "body",
    [
        "<ol><li>One.</li><li>Two.</li></ol>",
        "<p>1. First the nets.</p><p>2. Then the boats.</p>",
        "<p><sup>1</sup>In the beginning.</p><p><sup>2</sup>And the earth.</p><p><sup>3</sup>And it was.</p>",
        '<p><a href="1.xhtml#c1">1</a> The Storm</p><p><a href="1.xhtml#c2">2</a> The Calm</p>',
        '<p>See <a href="#fig1">1</a> and chapter <a href="#c3">3</a>.</p>',
        '<p>The note of a flute was heard: <span class="note">la</span>.</p>',
    ],
)
def test_other_numbers_are_no_notes(body: str) -> None:
    assert [] == texts(body, note=True)


def test_verses_keep_their_words() -> None:
    """A Bible numbers its verses as others number notes."""
    verses = "".join(f"<p><sup>{n}</sup>And it was so, and it was good.</p>" for n in range(1, 9))

    assert 8 == sum("And it was so" in text for text in texts(verses, note=False))


@pytest.mark.parametrize(
    ("hidden", "style"),
    [
        ('hidden="hidden"', ""),
        ('style="display: none"', ""),
        ('style="visibility:hidden"', ""),
        ('aria-hidden="true"', ""),
        ('class="gone other"', ".gone { display:none }"),
        ('class="gone"', "/* .x */ p.gone, .y {color:red; visibility: hidden;}"),
    ],
)
def test_what_is_hidden_is_not_read(hidden: str, style: str) -> None:
    content = page(
        f"<p>Seen.</p><p {hidden}>Unseen.</p><p>Seen <span {hidden}>un</span>too.</p>", head=f"<style>{style}</style>"
    )

    assert ["Seen.", "Seen too."] == [block.text for block in read_page_text(content.encode(), ()).blocks]


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('every <span class="pagenum" id="Page_12">[Pg 12]</span>basket', "every basket"),
        ("the <span class='pageno'>13</span>figure", "the figure"),
        ('it was <span epub:type="pagebreak" title="38"/><span hidden="">38</span>However', "it was However"),
        ('<a class="page-number" id="p12">12</a>the end', "the end"),
        ('a verse <span class="linenum">15</span>', "a verse"),
        ("<q>Trust</q>, he said", "“Trust”, he said"),
        ("<q>He said <q>no</q></q>", "“He said ‘no’”"),
        ("<img alt='T' src='t.png'/>he harbour", "The harbour"),
        ("<img class='dropcap' alt='“W' src='t.png'/>e left", "“We left"),
        ("<img alt='A gull' src='t.png'/>he harbour", "he harbour"),
        ('<span class="dropcap">W</span> inter came', "Winter came"),
        ("<span>W</span>inter came", "Winter came"),
        ('<span aria-hidden="true">W</span>inter came', "Winter came"),
        ("Chapter 1<br/>The Storm", "Chapter 1 The Storm"),
        (
            '<span style="display:block">Chapter 1</span><span style="display:block">The Storm</span>',
            "Chapter 1 The Storm",
        ),
        (
            '<span style="position:absolute;left:1px">The</span><span style="position:absolute">ferry</span>',
            "The ferry",
        ),
        ('a <span class="supper">meal</span> and a <span class="submarine">boat</span>', "a meal and a boat"),
    ],
)
def test_marks_of_print_and_spaces(markup: str, said: str) -> None:
    assert [said] == texts(f"<p>{markup}</p>", note=False)


def test_quotation_marks_are_those_of_the_language() -> None:
    content = page("<p><q>Ja</q></p>").replace("<html ", '<html lang="de" ')

    assert ["„Ja“"] == [block.text for block in read_page_text(content.encode(), ()).blocks]


def test_a_heading_that_is_a_picture_is_its_words() -> None:
    blocks = read(
        '<h2><img src="1.png" alt="Chapter One"/></h2><p><img src="2.png" alt="A gull"/></p><p>Text.</p>'
    ).blocks

    assert [("Chapter One", 2), ("Text.", 0)] == [(block.text, block.level) for block in blocks]
