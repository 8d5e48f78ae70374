"""Whole books with what goes wrong in practice, from the file to chapters, titles and warnings."""

import io
import zipfile
from collections.abc import Sequence
from itertools import cycle, islice

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import CONTAINER, METADATA, Entry, epub, nav, opf, page, zipped

SENTENCES = (
    "The ferry left the harbour at dawn and came back at dusk.",
    "Nobody in the village had seen the lighthouse keeper since the autumn.",
    "She wrote the weight of every crate into a blue ledger.",
    "When the fog lifted, three sails stood on the horizon.",
    "His brother had sold the mill, and the money was gone by spring.",
    "They mended the nets in the shed behind the chapel.",
    "A letter from the capital lay unopened on the table.",
    "It rained for nine days, and the road to the north was closed.",
)
NUMBERS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
STORMS = [f"The {name} Storm" for name in NUMBERS]


def story(words: int = 600, start: int = 0) -> str:
    """Return paragraphs of four sentences, with about this many words; `start` is the first sentence."""
    sentences = islice(cycle(SENTENCES), start, None)
    paragraphs = []
    while sum(len(paragraph.split()) for paragraph in paragraphs) < words:
        paragraphs.append(f"<p>{' '.join(islice(sentences, 4))}</p>")
    return "".join(paragraphs)


def headed(titles: Sequence[str], words: int = 600, level: int = 1) -> dict[str, str]:
    """Return a page for each chapter, with its title as heading."""
    return {
        f"c{number}.xhtml": f"<h{level}>{title}</h{level}>{story(words, number)}"
        for number, title in enumerate(titles, 1)
    }


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def words(book: BookText) -> int:
    return sum(len(chapter.text.split()) for chapter in book.chapters)


def text_of(pages: dict[str, str], **package: str) -> str:
    """Return the text of the first chapter of a book whose contents list every page."""
    contents = [(f"Chapter {number}", href) for number, href in enumerate(pages, 1)]
    return read_epub(epub(pages, contents, **package)).chapters[0].text


def paragraph(markup: str) -> str:
    """Return what is read of one paragraph at the start of a chapter."""
    return text_of({"1.xhtml": f"<h1>Chapter 1</h1><p>{markup}</p>{story()}"}).split("\n\n")[0]


# Contents that cannot be believed


@pytest.mark.parametrize("names", [["Cover", "Start"], ["Cover", "Title Page", "Begin Reading"]])
def test_contents_of_cover_and_start_are_none(names: list[str]) -> None:
    """The headings of twelve files are believed over a cover and a place to begin."""
    front = {f"f{number}.xhtml": f"<p>{name}</p>" for number, name in enumerate(names[:-1])}
    pages = front | headed(STORMS)
    contents = [*zip(names, front, strict=False), (names[-1], "c1.xhtml")]

    book = read_epub(epub(pages, contents))

    assert STORMS == titles(book)
    assert book.warnings


def test_contents_of_some_chapters_do_not_swallow_the_others() -> None:
    """Twelve headed files are twelve chapters, though the contents name four."""
    book = read_epub(epub(headed(STORMS), [(STORMS[number - 1], f"c{number}.xhtml") for number in (1, 2, 3, 4)]))

    assert STORMS == titles(book)
    assert book.warnings


def test_contents_of_places_within_files_do_not_swallow_chapters() -> None:
    """Ten headed files are about ten chapters, though the contents name three places in the middle of them."""
    pages = headed(STORMS[:10])
    for number in (3, 6, 9):
        pages[f"c{number}.xhtml"] += f'<p id="m">A place.</p>{story(300)}'

    book = read_epub(epub(pages, [(f"PLACE {number}", f"c{number}.xhtml#m") for number in (3, 6, 9)]))

    assert 10 <= len(book.chapters) <= 13
    assert [title for title in titles(book) if title in STORMS] == STORMS[:10]
    assert book.warnings


@pytest.mark.parametrize("per_file", [12, 3])
@pytest.mark.parametrize("fragment", ["#missing", ""])
def test_contents_without_places_are_matched_with_headings(per_file: int, fragment: str) -> None:
    """Where the ids do not exist, or no entry has one, the headings of the file are where the chapters begin."""
    pages: dict[str, str] = {}
    contents: list[Entry] = []
    for index, title in enumerate(STORMS):
        href = f"p{index // per_file}.xhtml"
        pages[href] = pages.get(href, "") + f"<h2>{title}</h2>{story(600, index)}"
        contents.append((title, href + (fragment and f"{fragment}{index}")))

    book = read_epub(epub(pages, contents))

    assert STORMS == titles(book)
    assert all(chapter.text.startswith(SENTENCES[number % 8]) for number, chapter in enumerate(book.chapters))


@pytest.mark.parametrize(("chapters", "sections"), [(10, 8), (16, 20)])
def test_sections_in_files_of_their_own_belong_to_their_chapter(chapters: int, sections: int) -> None:
    """Numbered chapters with their sections below them are the chapters."""
    pages: dict[str, str] = {}
    contents: list[Entry] = []
    for chapter in range(1, chapters + 1):
        pages[f"c{chapter}.xhtml"] = f"<h1>{chapter}. {STORMS[chapter % 12]}</h1>{story(100)}"
        below = []
        for section in range(1, sections + 1):
            href = f"c{chapter}s{section}.xhtml"
            pages[href] = f"<h2>{chapter}.{section} Of nets</h2>{story(300, section)}"
            below.append((f"{chapter}.{section} Of nets", href))
        contents.append((f"{chapter}. {STORMS[chapter % 12]}", f"c{chapter}.xhtml", below))

    book = read_epub(epub(pages, contents))

    assert [f"{chapter}. {STORMS[chapter % 12]}" for chapter in range(1, chapters + 1)] == titles(book)


def test_parts_without_the_word_have_chapters_at_anchors() -> None:
    """Four chapters in each of three files are twelve chapters, not three."""
    pages: dict[str, str] = {}
    contents: list[Entry] = []
    for index, name in enumerate(("Water", "Wind", "Stone")):
        below = []
        pages[f"{name}.xhtml"] = f"<h1>{name}</h1>"
        for chapter in range(index * 4, index * 4 + 4):
            pages[f"{name}.xhtml"] += f'<h2 id="c{chapter}">{STORMS[chapter]}</h2>{story(900, chapter)}'
            below.append((STORMS[chapter], f"{name}.xhtml#c{chapter}"))
        contents.append((name, f"{name}.xhtml", below))

    book = read_epub(epub(pages, contents))

    assert 12 == len(book.chapters)
    assert all(title.endswith(STORMS[number]) for number, title in enumerate(titles(book)))


def test_novels_in_one_book_are_told_apart() -> None:
    """Chapters of the same name say which novel they are of."""
    pages: dict[str, str] = {}
    contents: list[Entry] = []
    for name in ("The Mill", "The Ferry", "The Ledger"):
        href = f"{name.split()[1]}.xhtml"
        pages[href] = f"<h1>{name}</h1>"
        below = []
        for chapter in range(1, 5):
            pages[href] += f'<h2 id="c{chapter}">Chapter {chapter}</h2>{story(900, chapter)}'
            below.append((f"Chapter {chapter}", f"{href}#c{chapter}"))
        contents.append((name, href, below))

    book = read_epub(epub(pages, contents))

    assert [
        f"{name}: Chapter {chapter}" for name in ("The Mill", "The Ferry", "The Ledger") for chapter in range(1, 5)
    ] == titles(book)


def test_numbered_headings_are_chapters_and_those_below_them_sections() -> None:
    """One file without contents: six chapters, and the notes after a rule are not text of the last."""
    chapters = [f"{number}. {STORMS[number]}" for number in range(1, 7)]
    body = "".join(
        f"<h1>{title}</h1>{story(300)}" + "".join(f"<h2>Section {section}</h2>{story(300)}" for section in range(4))
        for title in chapters
    )
    notes = "".join(f'<p id="n{n}"><a href="#r{n}">{n}</a> See the ledger, page {n}.</p>' for n in range(1, 9))

    book = read_epub(epub({"1.xhtml": f"{body}<hr/>{notes}"}))

    assert chapters == titles(book)
    assert "See the ledger" not in book.chapters[-1].text


def test_the_last_piece_of_a_split_chapter_is_not_where_it_begins() -> None:
    """A chapter that is split into files begins at its heading, although the contents lead to its last file."""
    pages = {
        "1a.xhtml": f"<h1>Chapter 1</h1>{story(600)}",
        "1b.xhtml": story(600, 1),
        "2a.xhtml": f"<h1>Chapter 2</h1>{story(600, 2)}",
        "2b.xhtml": story(600, 3),
        "2c.xhtml": story(600, 4),
    }

    book = read_epub(epub(pages, [("Chapter 1", "1b.xhtml"), ("Chapter 2", "2c.xhtml")]))

    assert ["Chapter 1", "Chapter 2"] == titles(book)
    first, second = (len(chapter.text.split()) for chapter in book.chapters)
    assert second > first > 1_000


def test_file_names_are_no_titles() -> None:
    """Where the contents name files, the heading or the number is the title."""
    pages = {f"index_split_00{number}.html": story(600, number) for number in range(3)}

    book = read_epub(epub(pages, [(href, href) for href in pages]))

    assert ["Chapter 1", "Chapter 2", "Chapter 3"] == titles(book)


def test_escaped_markup_in_titles_is_resolved() -> None:
    """Markup that was escaped twice is markup."""
    label = "<i>The Silt</i> &amp; the Sea"

    assert ["The Silt & the Sea"] == titles(read_epub(epub({"1.xhtml": story()}, [(label, "1.xhtml")])))


def test_chapters_before_the_start_of_reading_stay() -> None:
    """Prologue and introduction stand before the place where a reader opens the book; they are chapters."""
    names = ["Prologue", "Introduction", *STORMS]
    pages = headed(names, 1_250)
    contents = [(name, href) for name, href in zip(names, pages, strict=True)]
    guide = '<reference type="text" title="Start" href="c3.xhtml"/>'

    assert names == titles(read_epub(epub(pages, contents, landmarks=[("bodymatter", "c3.xhtml")])))
    assert names == titles(read_epub(epub(pages, contents, version=2, guide=guide)))


def test_chapters_may_have_the_titles_of_back_matter() -> None:
    """What is long, listed and prose is a chapter, whatever its title."""
    names = ["Liberty", "Maps", "Rights", "Table", "Notes", "Credits", "Praise", "Sources", "Index", "Justice"]
    pages = headed(names, 1_200)

    assert names == titles(read_epub(epub(pages, list(zip(names, pages, strict=True)))))


# No contents and no headings


def test_headings_that_are_pictures_have_their_alternative_text() -> None:
    """Eight chapters of one file, headed by pictures."""
    body = "".join(f'<h2><img src="{name}.png" alt="{name}"/></h2>{story()}' for name in STORMS[:8])

    assert STORMS[:8] == titles(read_epub(epub({"1.xhtml": body})))


@pytest.mark.parametrize(
    "markup", ["<p><b>{}</b></p>", '<p class="chapter">{}</p>', '<p style="text-align:center">{}</p>']
)
def test_paragraphs_that_stand_out_are_headings(markup: str) -> None:
    """CHAPTER ONE alone on a bold or centred line begins a chapter."""
    body = "".join(markup.format(f"CHAPTER {number.upper()}") + story(600, 1) for number in NUMBERS[:8])

    book = read_epub(epub({"1.xhtml": body}))

    assert [f"CHAPTER {number.upper()}" for number in NUMBERS[:8]] == titles(book)


# What a page says


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("It holds 2<sup>10</sup> tonnes.", "It holds 2 to the 10 tonnes."),
        ("In 1848<sup>3</sup> it was bound.", "In 1848 it was bound."),
        ('In 1848<a href="#n1"><span class="super">1</span></a> it was.', "In 1848 it was."),
        ('Later<span class="CharOverride-2"><a href="n.xhtml#n2">2</a></span> it was.', "Later it was."),
        ('<span epub:type="pagebreak" id="p"/><span style="display:none">38</span>However it was.', "However it was."),
        ('The seed {99}<span class="x-ebookmaker-pageno">[Pg 12]</span>grew.', "The seed grew."),
        ("Pebbles and shi- ngle lay there, shingle everywhere.", "Pebbles and shingle lay there, shingle everywhere."),
        ("One <q>quoted</q> word.", "One “quoted” word."),
    ],
)
def test_numbers_and_marks(markup: str, said: str) -> None:
    """What a number means decides whether and how it is read."""
    assert said == paragraph(markup)


def test_initials_in_a_box_of_their_own_belong_to_their_word() -> None:
    """A letter in a box before its paragraph is the beginning of the first word."""
    text = text_of({"1.xhtml": f'<h1>Chapter 1</h1><div class="dropcap">W</div><p>inter came early.</p>{story()}'})

    assert text.startswith("Winter came early.")


def test_of_alternatives_only_one_is_read() -> None:
    """A switch holds the same text for several kinds of readers."""
    case = "<epub:case required-namespace='x'>Case.</epub:case>"

    assert "Plain." == paragraph(f"<epub:switch>{case}<epub:default>Plain.</epub:default></epub:switch>")


def test_printed_lines_are_joined_to_sentences() -> None:
    """Where every printed line is a paragraph, the text is sentences again, or a warning says so."""
    lines = [" ".join(SENTENCES).split()[start : start + 9] for start in range(0, 84, 9)] * 8
    body = "".join(f"<p>{' '.join(line)}</p>" for line in lines)

    book = read_epub(epub({"1.xhtml": f"<h1>Chapter 1</h1>{body}"}, [("Chapter 1", "1.xhtml")]))

    assert SENTENCES[0] in book.chapters[0].text.replace("\n\n", "¶") or book.warnings


def test_fixed_layout_of_svg_has_spaces() -> None:
    """Words placed in a drawing are apart."""
    drawn = "".join(f'<text x="{x}0">{word}</text>' for x, word in enumerate(SENTENCES[0].split()))
    metadata = METADATA + '<meta property="rendition:layout">pre-paginated</meta>'

    text = text_of({"1.xhtml": f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'}, metadata=metadata)

    assert SENTENCES[0] == text


# Notes


def test_notes_of_word_are_left_out() -> None:
    """Word writes notes after a rule, in boxes named ftn."""
    mark = '<a href="#_ftnref{0}" name="_ftn{0}">[{0}]</a>'.format
    notes = "".join(f'<div id="ftn{n}"><p class="MsoFootnoteText">{mark(n)} See the log.</p></div>' for n in (1, 2))
    pages = {"1.xhtml": f'<h1>One</h1>{story()}<div><hr align="left" size="1" width="33%"/>{notes}</div>'}

    book = read_epub(epub(pages, [("One", "1.xhtml")]))

    assert "See the log" not in book.chapters[0].text
    assert ["footnotes"] == [section.reason for section in book.left_out]


def test_citations_at_the_end_of_a_chapter_are_left_out() -> None:
    """A heading Notes above a list of citations ends the chapter."""
    citations = "".join(
        f"<li>A. Keeper, <i>Ledgers</i> (London: Press, 19{n}), pp. {n}-{n + 3}.</li>" for n in range(10, 60)
    )
    pages = {"1.xhtml": f"<h1>One</h1>{story()}<h2>Notes</h2><ol>{citations}</ol>", "2.xhtml": f"<h1>Two</h1>{story()}"}

    book = read_epub(epub(pages, [("One", "1.xhtml"), ("Two", "2.xhtml")]))

    assert ["One", "Two"] == titles(book)
    assert "Keeper" not in book.chapters[0].text
    assert sum(section.words for section in book.left_out) > 300


# Matter of other languages and of publishers

GERMAN = "<p>Das Hafenamt führte ein Buch über jedes Boot, das vor der Dämmerung einlief, und wog jeden Korb.</p>" * 40
RUSSIAN = "<p>Паром вышел из гавани на рассвете и вернулся в сумерках, и никто его больше не видел.</p>" * 40
JAPANESE = (
    "<p>港の事務所は夜明け前に入る船をすべて帳簿に記した。書記の織田は籠をひとつずつ量り、数字を書いた。</p>" * 30
)
CHINESE = "<p>港口办公室把黎明前进港的每一艘船都记在账簿里。书记员一个一个地称篮子，用蓝墨水写下数字。</p>" * 30
POLISH = "<p>Urząd portowy prowadził księgę każdej łodzi, która wpłynęła przed świtem, i ważył każdy kosz.</p>" * 40


@pytest.mark.parametrize(
    ("language", "prose", "chapters", "apparatus"),
    [
        ("ru", RUSSIAN, ["Глава 1", "Глава 2"], ["Содержание", "Примечания", "Библиография", "Указатель", "Об авторе"]),
        ("ja", JAPANESE, ["第1章", "第2章"], ["目次", "注", "参考文献", "索引", "著者紹介", "奥付"]),
        ("zh", CHINESE, ["第一章", "第二章"], ["目录", "注释", "参考文献", "索引", "关于作者", "版权信息"]),
        (
            "pl",
            POLISH,
            ["Rozdział 1", "Rozdział 2"],
            ["Spis treści", "Przypisy", "Bibliografia", "Indeks", "O autorze"],
        ),
    ],
)
def test_apparatus_of_other_languages(language: str, prose: str, chapters: list[str], apparatus: list[str]) -> None:
    """Contents, notes, bibliography, index, author and colophon are no chapters in any language."""
    short = prose[: prose.index("</p>") + 4] * 3
    pages = {f"a{n}.xhtml": f"<h1>{name}</h1>{short}" for n, name in enumerate(apparatus)}
    pages |= {f"c{n}.xhtml": f"<h1>{name}</h1>{prose}" for n, name in enumerate(chapters)}
    names = [*apparatus, *chapters]
    metadata = f"<dc:title>X</dc:title><dc:language>{language}</dc:language>"

    book = read_epub(epub(pages, list(zip(names, pages, strict=True)), metadata=metadata))

    assert chapters == titles(book)


def test_a_page_of_links_is_no_chapter() -> None:
    """Thirty links under any title are a table of contents."""
    links = "".join(f'<p><a href="c1.xhtml">{name} and what came of it</a></p>' for name in STORMS * 3)
    pages = {"in.xhtml": f"<h1>In This Book</h1>{links}"} | headed(STORMS[:3])

    book = read_epub(epub(pages, list(zip(["In This Book", *STORMS[:3]], pages, strict=True))))

    assert STORMS[:3] == titles(book)


def test_advertisements_of_publishers_are_no_chapters() -> None:
    """What follows the last chapter to sell other books is left out, and named."""
    names = [*STORMS[:3], "Discussion Questions", "Also by Ann Author", "Join Our Reader Club"]
    asks = "<p>" + "</p><p>".join(f"{n}. Why did the keeper leave the island?" for n in range(1, 12)) + "</p>"
    pages = headed(STORMS[:3]) | {
        "q.xhtml": f"<h1>{names[3]}</h1>{asks}",
        "s.xhtml": "<h1>Also by Ann Author</h1><p>The Mill</p><p>The Ferry</p><p>The Ledger</p>",
        "r.xhtml": "<h1>Join Our Reader Club</h1><p>Sign up at www.example.org and get a free book.</p>",
    }

    assert STORMS[:3] == titles(read_epub(epub(pages, list(zip(names, pages, strict=True)))))


# Doors


def test_links_that_lead_out_of_the_book_are_passed_over() -> None:
    """A leading slash is the archive's root; a drive or a file of the machine is no place in the book."""
    pages = headed(STORMS[:2])
    contents = [
        (STORMS[0], "/OEBPS/c1.xhtml"),
        (STORMS[1], "c2.xhtml"),
        ("Elsewhere", "file:///C:/Users/me/c3.xhtml"),
        ("Out", "../../../x.xhtml"),
    ]

    assert STORMS[:2] == titles(read_epub(epub(pages, contents)))


def test_a_book_packed_on_a_mac_is_read() -> None:
    """A folder around everything, and the files that macOS adds beside each of ours."""
    files: dict[str, str | bytes] = {"Book/mimetype": "application/epub+zip", "Book/META-INF/container.xml": CONTAINER}
    pages = headed(STORMS[:2])
    files["Book/OEBPS/book.opf"] = opf(list(pages), contents="nav")
    files["Book/OEBPS/nav.xhtml"] = nav(list(zip(STORMS, pages, strict=False)))
    files |= {f"Book/OEBPS/{href}": page(body) for href, body in pages.items()}
    files |= {f"{name.rpartition('/')[0]}/._{name.rpartition('/')[2]}": b"\0\5\x16\7" for name in list(files)}

    assert STORMS[:2] == titles(read_epub(zipped(files)))


def test_names_in_utf8_without_the_flag_are_found() -> None:
    """Some tools write UTF-8 names without saying so."""
    file = epub({"küste.xhtml": story()}, [("Küste", "küste.xhtml")]).getvalue()
    flagged, plain = (bytes([0, 8]), bytes([0, 0]))
    name = "OEBPS/küste.xhtml".encode()
    entries = bytearray(file)
    for start in [i for i in range(len(entries)) if entries[i : i + len(name)] == name]:
        for offset in (30 - 6, 46 - 8):
            at = start - offset
            if entries[at : at + 2] == flagged:
                entries[at : at + 2] = plain
    with zipfile.ZipFile(io.BytesIO(entries)) as archive:
        assert "OEBPS/küste.xhtml" not in archive.namelist()

    assert ["Küste"] == titles(read_epub(io.BytesIO(entries)))


@pytest.mark.parametrize(
    ("encoding", "declared", "said"),
    [
        (
            "cp1251",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"/>',
            "Паром вышел из гавани",
        ),
        ("cp866", "xml", "Паром вышел из гавани"),
        ("mac-roman", "xml:macintosh", "Le café était fermé"),
        ("utf-16-le", "xml:utf-16", "The ferry left"),
        ("utf-16-be", "xml:utf-16", "The ferry left"),
    ],
)
def test_pages_in_old_encodings_are_read(encoding: str, declared: str, said: str) -> None:
    """The encoding is the one that the page declares, in XML or in HTML."""
    meta = "" if declared.startswith("xml") else declared
    xml = f' encoding="{declared.removeprefix("xml:") if ":" in declared else encoding}"' if not meta else ""
    text = (
        f'<?xml version="1.0"{xml}?><html><head>{meta}<title>x</title></head><body><p>{said}</p>{story()}</body></html>'
    )
    files: dict[str, str | bytes] = {"book.opf": opf(["1.xhtml"]), "1.xhtml": text.encode(encoding)}

    assert read_epub(zipped(files)).chapters[0].text.startswith(said)


# Languages


@pytest.mark.parametrize("declared", ["<dc:language>en-US</dc:language>", "", "<dc:language>Deutsch</dc:language>"])
def test_the_text_decides_its_language(declared: str) -> None:
    """A German book is German, whatever a converter stamped on it."""
    pages = {"1.xhtml": f"<h1>Eins</h1>{GERMAN}", "2.xhtml": f"<h1>Zwei</h1>{GERMAN}"}

    book = read_epub(
        epub(pages, [("Eins", "1.xhtml"), ("Zwei", "2.xhtml")], metadata=f"<dc:title>X</dc:title>{declared}")
    )

    assert "de" == book.language
    assert ["de", "de"] == [chapter.language for chapter in book.chapters]
    assert book.language_reason


@pytest.mark.parametrize(("declared", "language"), [("jp", "ja"), ("deu", "de"), ("de_DE", "de-DE"), ("Deutsch", "de")])
def test_a_language_may_be_written_in_any_way(declared: str, language: str) -> None:
    """Codes of two and three letters, names, and what people take for codes."""
    prose = JAPANESE if language == "ja" else GERMAN
    metadata = f"<dc:title>X</dc:title><dc:language>{declared}</dc:language>"

    assert language == read_epub(epub({"1.xhtml": prose}, [("1", "1.xhtml")], metadata=metadata)).language
