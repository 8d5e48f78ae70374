"""Which sections of a book are chapters, and which are not."""

import pytest

from bookbytes_pipeline.domain.book import BookText
from bookbytes_pipeline.epub.matter import is_chapter_title, is_part_title, reason_by_title
from bookbytes_pipeline.epub.numerals import number_of
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import Entry, epub, page, prose


def titles(book: BookText) -> list[str]:
    return [chapter.title for chapter in book.chapters]


def reasons(book: BookText) -> dict[str, str]:
    return {section.title: section.reason for section in book.left_out}


def listed(*names: str) -> list[Entry]:
    return [(name, f"{position}.xhtml") for position, name in enumerate(names)]


def test_declared_body_matter_is_accepted() -> None:
    """Where pages and landmarks agree on what is the body, exactly that is chapters: one called Notes, no preface."""
    pages = {
        "0.xhtml": page(prose(900), "frontmatter"),
        "1.xhtml": page(prose(900), "bodymatter"),
        "2.xhtml": page(prose(20), "bodymatter"),
        "3.xhtml": page(prose(900), "backmatter"),
    }

    landmarks = [("bodymatter", "1.xhtml"), ("backmatter", "3.xhtml")]
    book = read_epub(epub(pages, listed("Preface", "Notes", "Two", "Afterword"), landmarks=landmarks))

    assert ["Notes", "Two"] == titles(book)
    assert {"Preface": "front matter", "Afterword": "back matter"}.items() <= reasons(book).items()
    assert round(920 / 2720, 4) == round(book.coverage, 4)


def test_sections_may_declare_matter_like_bodies() -> None:
    """The declaration may be on a section; where the landmarks do not agree, prose stays."""
    pages = {
        "0.xhtml": f'<section epub:type="frontmatter preface">{prose(400)}</section>',
        "1.xhtml": f'<section epub:type="bodymatter chapter">{prose(400)}</section>',
    }

    landmarks = [("bodymatter", "1.xhtml")]
    assert ["One"] == titles(read_epub(epub(pages, listed("Preface", "One"), landmarks=landmarks)))
    assert ["Preface", "One"] == titles(read_epub(epub(pages, listed("Preface", "One"))))


def test_lists_in_declared_matter_are_out_whatever_their_title() -> None:
    """A time line of some length behind the body is no chapter; an epilogue there is."""
    lines = "<ul>" + "<li>1848 a new balance, 1851 a new clerk</li>" * 40 + "</ul>"
    pages = {
        "0.xhtml": page(SENTENCES, "bodymatter"),
        "1.xhtml": page(SENTENCES, "backmatter"),
        "2.xhtml": page(lines, "backmatter"),
    }

    book = read_epub(epub(pages, listed("One", "Epilogue", "The Years")))

    assert ["One", "Epilogue"] == titles(book)
    assert {"The Years": "back matter"} == reasons(book)


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
    assert round(1200 / 3600, 4) == round(book.coverage, 4)


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
        (
            "100 words are in no chapter (14%): “Untitled page” (100 words, not in the contents). "
            "Put one back with: bookbytes chapters ISBN --keep TITLE."
        ),
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


SENTENCES = "<p>" + "The clerk wrote the figure in blue ink. " * 90 + "</p>"
CITATIONS = "".join(f"<p>Salt, H. S., Life of the Clerk, vol. {number}, London, 1896.</p>" for number in range(60))
NUMBERED = "".join(f"<p>{number}. He means the elder clerk, who had left.</p>" for number in range(1, 90))
LINES = "".join(f"<p>anchors, {number}, {number + 2}–{number + 4}</p>" for number in range(90))


@pytest.mark.parametrize(
    "title",
    [
        *("Rights", "Sources", "Credits", "Index", "Praise", "Permissions", "Contributors", "Tables", "Maps", "Notes"),
        *("Glossary", "Cover", "Contents", "Acknowledgments", "About the Author", "Bibliography", "Dank", "索引"),
    ],
)
def test_prose_of_the_length_of_a_chapter_is_a_chapter_whatever_it_is_called(title: str) -> None:
    pages = {"0.xhtml": SENTENCES, "1.xhtml": SENTENCES, "2.xhtml": SENTENCES}

    book = read_epub(epub(pages, listed("Liberty", title, "Justice")))

    assert ["Liberty", title, "Justice"] == titles(book)
    assert () == book.warnings


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("Sources", CITATIONS, "bibliography"),
        ("Notes", NUMBERED, "endnotes"),
        ("Index", LINES, "index"),
        ("Acknowledgments", SENTENCES + "<p>I thank A. I am grateful to B. Thanks to C.</p>" * 4, None),
        ("Rights", "<p>© 1848</p><p>All rights reserved.</p><p>ISBN 1</p>" + SENTENCES, "copyright page"),
        ("Sneak Peek: The Salt Road", SENTENCES, "excerpt"),
        ("An Excerpt from The Salt Road", SENTENCES, "excerpt"),
        ("Read on for the next adventure", SENTENCES, "excerpt"),
        ("Reading Group Guide", SENTENCES, "reading guide"),
        ("Questions for Discussion", SENTENCES, "reading guide"),
    ],
)
def test_lists_and_other_texts_of_any_length_are_left_out_and_told(title: str, body: str, reason: str | None) -> None:
    pages = {"0.xhtml": SENTENCES, "1.xhtml": SENTENCES, "2.xhtml": body}

    book = read_epub(epub(pages, listed("Liberty", "Justice", title)))

    assert ["Liberty", "Justice"] == titles(book)
    part = book.left_out[-1]
    assert (title, reason or "acknowledgements") == (part.title, part.reason)
    assert part.text
    assert f"“{title}” ({part.words:,} words, {part.reason})" in book.warnings[-1]
    assert "bookbytes chapters ISBN --keep TITLE" in book.warnings[-1]
    assert book.coverage < 1


@pytest.mark.parametrize("guide", ["text", "start"])
def test_a_landmark_throws_no_listed_prose_away(guide: str) -> None:
    """The start-reading point of many books is in the third chapter."""
    pages = {f"{number}.xhtml": SENTENCES for number in range(12)}
    names = ["Prologue", *(f"Chapter {number}" for number in range(1, 12))]
    reference = f'<reference type="{guide}" href="2.xhtml"/><reference type="notes" href="5.xhtml"/>'

    assert names == titles(read_epub(epub(pages, listed(*names), guide=reference)))
    assert names == titles(read_epub(epub(pages, listed(*names), landmarks=[("bodymatter", "2.xhtml")])))
    assert names == titles(read_epub(epub(pages, listed(*names), landmarks=[("backmatter", "8.xhtml")])))


def test_an_introduction_in_front_matter_is_a_chapter() -> None:
    pages = {"0.xhtml": page(f'<section epub:type="introduction">{SENTENCES}</section>', "frontmatter")}
    pages |= {f"{number}.xhtml": SENTENCES for number in range(1, 4)}

    assert "Introduction" == titles(read_epub(epub(pages, listed("Introduction", "One", "Two", "Three"))))[0]


def test_a_page_of_links_is_contents_whatever_it_is_called() -> None:
    links = "".join(f'<p><a href="1.xhtml#c{number}">The {number}th part of the tale</a></p>' for number in range(30))

    book = read_epub(epub({"0.xhtml": links, "1.xhtml": SENTENCES}, listed("A Way Through", "One")))

    assert ["One"] == titles(book)
    assert {"A Way Through": "contents"} == reasons(book)


def test_links_with_line_breaks_between_them_are_contents_too() -> None:
    links = "<br/>".join(f'<a href="1.xhtml#c{number}">The {number}th part of the tale</a>' for number in range(30))

    book = read_epub(epub({"0.xhtml": f"<p>{links}</p>", "1.xhtml": SENTENCES}, listed("A Way Through", "One")))

    assert {"A Way Through": "contents"} == reasons(book)


@pytest.mark.parametrize("title", ["Notes", "References", "Further Reading", "Anmerkungen", "Примечания", "参考文献"])
def test_notes_at_the_end_of_a_chapter_are_out_and_can_be_kept(title: str) -> None:
    pages = {f"{n}.xhtml": f"<h1>Part {n}</h1>{SENTENCES}<h2>{title}</h2>{CITATIONS}" for n in range(2)}

    book = read_epub(epub(pages, listed("One", "Two")))

    assert [720, 720] == [len(chapter.text.split()) for chapter in book.chapters]
    assert [title, title] == [part.title for part in book.left_out]
    assert [1, 2, 3, 4] == sorted([part.section for part in (*book.chapters, *book.left_out)])
    assert all("Life of the Clerk" in part.text for part in book.left_out)


def test_a_bold_line_is_the_heading_of_notes_too() -> None:
    entries = "".join(f"<p>See the archive of the port, shelf {number} of the clerk.</p>" for number in range(9))

    book = read_epub(epub({"0.xhtml": f"<h1>One</h1>{SENTENCES}<p><b>Notes</b></p>{entries}"}, listed("One")))

    assert [720] == [len(chapter.text.split()) for chapter in book.chapters]
    assert [("Notes", 100, "endnotes", 2)] == [(p.title, p.words, p.reason, p.section) for p in book.left_out]


def test_notes_in_sentences_are_notes_if_they_are_a_list() -> None:
    notes = "<ol>" + "<li>He means the elder clerk, who had left in spring for the islands.</li>" * 250 + "</ol>"

    book = read_epub(epub({"0.xhtml": SENTENCES, "1.xhtml": SENTENCES, "2.xhtml": notes}, listed("I", "II", "Notes")))

    assert {"Notes": "endnotes"} == reasons(book)
    assert "“Notes” (3,250 words, endnotes)" in book.warnings[-1]


def test_a_chapter_that_names_its_sources_is_no_list_of_them() -> None:
    paragraph = "The clerk wrote the figure in blue ink. " * 12 + "He cites Smith (1998) and Salt, Life, vol. 3."
    pages = {"0.xhtml": SENTENCES, "1.xhtml": f"<p>{paragraph}</p>" * 9}

    assert ["One", "Sources"] == titles(read_epub(epub(pages, listed("One", "Sources"))))


def test_an_excerpt_is_of_another_book_only_behind_the_chapters() -> None:
    """Extracts from a diary are a chapter where more chapters follow; below a sneak peek, all is part of it."""
    pages = {f"{number}.xhtml": f"<p>{number}.</p>{SENTENCES}" for number in range(6)}
    names = ["One", "Extracts from a Diary", "Two", "Three"]
    peek: Entry = ("Sneak Peek: The Fog", "4.xhtml", [("Chapter 1", "5.xhtml")])

    book = read_epub(epub(pages, [*listed(*names), peek]))

    assert names == titles(book)
    assert {"Sneak Peek: The Fog": "excerpt", "Chapter 1": "excerpt"} == reasons(book)


def test_between_short_chapters_short_prose_is_a_chapter() -> None:
    short = "<p>" + "The clerk wrote the figure in blue ink. " * 45 + "</p>"
    pages = {f"{number}.xhtml": short for number in range(5)}

    book = read_epub(epub(pages, listed("One", "Credits", "Two", "Three", "About the Author")))

    assert ["One", "Credits", "Two", "Three"] == titles(book)
    assert {"About the Author": "about the author"} == reasons(book)


@pytest.mark.parametrize("title", ["目　次", "C O N T E N T S", "차 례"])
def test_letters_set_apart_are_one_word(title: str) -> None:
    assert reason_by_title(title) == "contents"


def test_citations_and_index_lines_are_no_chapter_whatever_they_are_called() -> None:
    pages = {"0.xhtml": SENTENCES, "1.xhtml": CITATIONS, "2.xhtml": LINES}

    book = read_epub(epub(pages, listed("One", "What I Have Read", "Where to Find It")))

    assert {"What I Have Read": "list of references", "Where to Find It": "list of references"} == reasons(book)


def test_a_page_about_rights_is_one_whatever_it_is_called() -> None:
    rights = "<p>Copyright © 1848 Ann Author</p><p>All rights reserved</p><p>ISBN 1</p><p>www.example.org</p>"

    book = read_epub(epub({"0.xhtml": rights, "1.xhtml": SENTENCES}, listed("The Salt Press", "One")))

    assert {"The Salt Press": "copyright page"} == reasons(book)


def test_sections_left_out_are_numbered_in_reading_order() -> None:
    """The introduction of a part without chapters comes before the part's notes."""
    pages = {"0.xhtml": SENTENCES, "1.xhtml": prose(90), "2.xhtml": prose(80), "3.xhtml": SENTENCES}
    part: Entry = ("Part Two", "1.xhtml", [("Glossary", "2.xhtml")])

    book = read_epub(epub(pages, [("One", "0.xhtml"), part, ("Three", "3.xhtml")]))

    assert [("Part Two", 2), ("Glossary", 3)] == [(part.title, part.section) for part in book.left_out]
    assert [1, 4] == [chapter.section for chapter in book.chapters]


def test_introductions_of_part_and_subpart_are_joined_with_the_first_chapter_behind_them() -> None:
    pages = {"0.xhtml": prose(60, "part"), "1.xhtml": prose(70, "subpart"), "2.xhtml": SENTENCES, "3.xhtml": SENTENCES}
    subpart: Entry = ("North", "1.xhtml", [("One", "2.xhtml"), ("Two", "3.xhtml")])

    book = read_epub(epub(pages, [("Part One", "0.xhtml", [subpart])]))

    assert [850, 720] == [len(chapter.text.split()) for chapter in book.chapters]
    assert book.chapters[0].text.startswith("part part")
    assert () == book.left_out


def test_prose_called_notes_at_the_end_of_a_chapter_stays() -> None:
    book = read_epub(epub({"0.xhtml": f"<h1>One</h1>{SENTENCES}<h2>Notes</h2>{SENTENCES}"}, listed("One")))

    assert [1441] == [len(chapter.text.split()) for chapter in book.chapters]


APPARATUS_TITLES = {
    "ja": ("目次", "注", "参考文献", "索引", "著者紹介", "奥付"),
    "zh": ("目录", "注释", "参考文献", "索引", "作者简介", "版权页"),
    "zh-Hant": ("目錄", "註釋", "參考文獻", "索引", "關於作者", "版權頁"),
    "ru": ("Содержание", "Примечания", "Библиография", "Указатель", "Об авторе", "Выходные данные"),
    "pl": ("Spis treści", "Przypisy", "Bibliografia", "Indeks", "O autorze", "Strona redakcyjna"),
    "ko": ("차례", "미주", "참고문헌", "찾아보기", "저자 소개", "판권"),
    "uk": ("Зміст", "Примітки", "Література", "Покажчик", "Про автора", "Вихідні дані"),
    "cs": ("Obsah", "Poznámky", "Literatura", "Rejstřík", "O autorovi", "Tiráž"),
    "sv": ("Innehåll", "Noter", "Källor", "Register", "Om författaren", "Kolofon"),
    "tr": ("İçindekiler", "Notlar", "Kaynakça", "Dizin", "Yazar Hakkında", "Künye"),
    "ar": ("المحتويات", "الهوامش", "المراجع", "كشاف", "عن المؤلف", "حقوق النشر"),
    "he": ("תוכן העניינים", "הערות", "ביבליוגרפיה", "מפתח", "על המחבר", "זכויות יוצרים"),
    "el": (
        "Περιεχόμενα",
        "Σημειώσεις",
        "Βιβλιογραφία",
        "Ευρετήριο",
        "Σχετικά με τον συγγραφέα",
        "Πνευματικά δικαιώματα",
    ),
    "hu": ("Tartalom", "Jegyzetek", "Irodalom", "Névmutató", "A szerzőről", "Impresszum"),
    "fi": ("Sisällys", "Viitteet", "Lähteet", "Hakemisto", "Kirjailijasta", "Tekijänoikeus"),
    "vi": ("Mục lục", "Chú thích", "Tài liệu tham khảo", "Chỉ mục", "Về tác giả", "Bản quyền"),
    "id": ("Daftar Isi", "Catatan", "Daftar Pustaka", "Indeks", "Tentang Penulis", "Hak Cipta"),
    "hi": ("विषय सूची", "टिप्पणियाँ", "ग्रंथ सूची", "शब्दानुक्रमणिका", "लेखक के बारे में", "कॉपीराइट"),
    "th": ("สารบัญ", "เชิงอรรถ", "บรรณานุกรม", "ดัชนี", "เกี่ยวกับผู้เขียน", "ลิขสิทธิ์"),
    "de": ("Inhalt", "Anmerkungen", "Literatur", "Register", "Über den Autor", "Impressum"),
    "fr": ("Table des matières", "Notes", "Bibliographie", "Index", "À propos de l’auteur", "Mentions légales"),
    "es": ("Índice", "Notas", "Bibliografía", "Índice onomástico", "Sobre el autor", "Créditos"),
}


@pytest.mark.parametrize("language", APPARATUS_TITLES)
def test_apparatus_is_recognized_in_its_language(language: str) -> None:
    """Contents, notes, bibliography, index, about the author, colophon."""
    names = APPARATUS_TITLES[language]
    pages = {f"{number}.xhtml": prose(60) for number in range(len(names))}
    pages |= {"8.xhtml": SENTENCES, "9.xhtml": SENTENCES}
    entries = [*listed(*names), ("海 One", "8.xhtml"), ("海 Two", "9.xhtml")]

    assert ["海 One", "海 Two"] == titles(read_epub(epub(pages, entries)))


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Join Our Readers’ Club", "advertisement"),
        ("Sign up for the newsletter", "advertisement"),
        ("The Salt Road Series", "other books"),
        ("Books by Ann Author", "other books"),
        ("Discussion Questions", "reading guide"),
        ("A Conversation with the Author", "reading guide"),
        ("Inside This Book", "contents"),
        ("In This Book", "contents"),
        ("The Fog: Sneak Peek", "excerpt"),
        ("The Fog (Excerpt)", "excerpt"),
        ("Author Q&A", "reading guide"),
        ("For Discussion", "reading guide"),
        ("Have You Read Them All?", "other books"),
        ("Thank You for Reading", "advertisement"),
        ("Get a Free Novella", "advertisement"),
        ("About the Publisher", "advertisement"),
        ("Sources and Further Reading", "bibliography"),
        ("Notes to Chapter 1", "endnotes"),
        ("YAZAR HAKKINDA", "about the author"),
    ],
)
def test_back_matter_of_publishers_is_recognized(title: str, reason: str) -> None:
    assert reason == reason_by_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "Coming in from the Cold",
        "Look for Me",
        "The Excerpt",
        "Discussion",
        "Interview",
        "The First of May",
        "Fragment of a Star",
        "Join",
        "The Storm",
        "Follow Me",
        "One",
        "Rights of Man",
        "海",
    ],
)
def test_other_titles_are_not(title: str) -> None:
    assert reason_by_title(title) is None


@pytest.mark.parametrize(
    ("title", "number"),
    [
        *(("第一章", 1), ("第12章 海", 12), ("第二十三章", 23), ("Глава 3", 3), ("Rozdział IV", 4), ("제5장", 5)),
        *(("Chapter Nine", 9), ("Kapitel 2", 2), ("Hoofdstuk 7", 7), ("Розділ 8", 8), ("Bölüm 6", 6), ("第十章", 10)),
    ],
)
def test_chapters_are_numbered_in_many_languages(title: str, number: int) -> None:
    assert is_chapter_title(title)
    assert number == number_of(title)


@pytest.mark.parametrize(
    "title", ["Часть первая", "第1部", "Część druga", "제2부", "上巻", "Teil III", "Partie deux", "Osa 2"]
)
def test_parts_are_recognized_in_many_languages(title: str) -> None:
    assert is_part_title(title)
