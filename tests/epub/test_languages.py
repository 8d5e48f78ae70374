"""The language of whole books and of their chapters."""

from bookbytes_pipeline.epub.reader import read_epub
from tests.domain.test_language import TEXTS
from tests.epub.building import epub, page

CONTENTS = [("One", "1.xhtml"), ("Two", "2.xhtml"), ("Three", "3.xhtml")]


def pages(*languages: str, declared: str = "") -> dict[str, str]:
    texts = (page(f"<p>{TEXTS[language] * 10}</p>") for language in languages)
    tagged = (text.replace("<html ", f'<html xml:lang="{declared}" ') if declared else text for text in texts)
    return {f"{number}.xhtml": text for number, text in enumerate(tagged, start=1)}


def test_a_chapter_in_another_language_is_known() -> None:
    book = read_epub(
        epub(pages("de", "de", "fr"), CONTENTS, metadata="<dc:title>X</dc:title><dc:language>de-AT</dc:language>")
    )

    assert ("de-AT", "The text is German (Austria), as the file says.") == (book.language, book.language_reason)
    assert ["de-AT", "de-AT", "fr"] == [chapter.language for chapter in book.chapters]
    assert () == book.warnings


def test_a_stamp_of_a_converter_loses_with_a_warning() -> None:
    book = read_epub(epub(pages("de", "de", "de", declared="en"), CONTENTS))

    assert "de" == book.language
    assert ("The text is German, although the file says English.",) == book.warnings


def test_the_pages_tell_what_the_package_does_not() -> None:
    book = read_epub(
        epub(
            {"1.xhtml": page("<p>Kurz.</p>").replace("<html ", '<html lang="de-CH" ')},
            metadata="<dc:title>X</dc:title>",
        )
    )

    assert "de-CH" == book.language


def test_where_nothing_tells_a_warning_says_so() -> None:
    book = read_epub(epub({"1.xhtml": "<p>sea sea</p>"}, [("One", "1.xhtml")], metadata="<dc:title>X</dc:title>"))

    assert book.language is None
    assert ("Neither the file nor its text tells the language.",) == book.warnings
