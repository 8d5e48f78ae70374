"""Pages in every encoding that books come in, whatever they say about it."""

import pytest

from bookbytes_pipeline.epub.encodings import decode
from bookbytes_pipeline.epub.reader import read_epub
from tests.epub.building import epub

RUSSIAN = "Весной гавань просыпалась рано, и писарь записывал каждую лодку в книгу."
UKRAINIAN = "Навесні гавань прокидалася рано, їжа і ґанок чекали."
FRENCH = "L'été à la façade : cœur, naïveté, où ça." + " Le port dort encore ce matin-là." * 3
JAPANESE = "潮が満ちて船が港を出る。"
CHINESE = "港口的书记员把每条船都写进账本。" * 20
XML = '<?xml version="1.0" encoding="{}"?>'


def document(text: str, declaration: str) -> str:
    return (
        f"{declaration}<html><head>{'' if declaration else '<title>x</title>'}</head><body><p>{text}</p></body></html>"
    )


@pytest.mark.parametrize(
    ("text", "declaration", "encoding"),
    [
        (RUSSIAN, '<meta charset="windows-1251"/>', "cp1251"),
        (RUSSIAN, "<META CHARSET=windows-1251>", "cp1251"),
        (RUSSIAN, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"/>', "cp1251"),
        (RUSSIAN, XML.format("cp866"), "cp866"),
        (RUSSIAN, XML.format("KOI8-R"), "koi8-r"),
        (UKRAINIAN, XML.format("koi8-u"), "koi8-u"),
        (FRENCH, XML.format("macintosh"), "mac_roman"),
        (FRENCH, XML.format("iso-8859-1").replace("encoding", " encoding "), "cp1252"),
        (FRENCH, XML.format("utf-16"), "utf-16-le"),
        (FRENCH, XML.format("utf-16"), "utf-16-be"),
        (FRENCH, XML.format("utf-16"), "utf-16"),
        (FRENCH, XML.format("utf-16"), "utf-8"),
        (FRENCH, XML.format("utf-32"), "utf-32-le"),
        (FRENCH, XML.format("utf-8"), "utf-8-sig"),
        (JAPANESE, XML.format("x-sjis"), "cp932"),
        (JAPANESE, XML.format("euc-jp"), "euc_jp"),
        (JAPANESE, XML.format("iso-2022-jp"), "iso2022_jp"),
        (CHINESE, XML.format("gb2312"), "gb18030"),
        (CHINESE, XML.format("big5").replace("big5", "GBK"), "gbk"),
    ],
)
def test_a_declared_or_marked_encoding_is_read(text: str, declaration: str, encoding: str) -> None:
    book = read_epub(epub({"1.xhtml": ""}, extra={"OEBPS/1.xhtml": document(text, declaration).encode(encoding)}))

    assert text == book.chapters[0].text
    assert not any("encoded" in warning for warning in book.warnings)


@pytest.mark.parametrize(
    ("text", "encoding"), [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (CHINESE, "gb18030"), (FRENCH, "cp1252")]
)
@pytest.mark.parametrize("declaration", ["", XML.format("utf-8"), XML.format("no-such-code"), XML.format("rot13")])
def test_an_encoding_that_nothing_tells_truly_is_guessed_with_a_warning(
    text: str, encoding: str, declaration: str
) -> None:
    content = document(text * 10, declaration).encode(encoding)

    book = read_epub(epub({"1.xhtml": ""}, extra={"OEBPS/1.xhtml": content}))

    assert " ".join((text * 10).split()) == book.chapters[0].text
    assert any("1.xhtml" in warning and "encoded" in warning for warning in book.warnings)


def test_a_few_bytes_of_another_encoding_do_not_spoil_a_page() -> None:
    content = document(RUSSIAN + " Don’t.", XML.format("utf-8")).encode().replace("’".encode(), b"\x92")

    assert RUSSIAN + " Don’t." in decode(content).text
    assert not decode(content).guessed


def test_marks_and_nuls_are_no_text() -> None:
    assert "<p>a</p>" == decode(b"\xef\xbb\xbf\xef\xbb\xbf<p>\0a</p>").text
    assert "" == decode(b"").text
