"""What a package document says about the book: the Dublin Core of its metadata."""

from contextlib import suppress

from bookbytes_pipeline.domain.book import PackageMetadata
from bookbytes_pipeline.domain.errors import InvalidISBN
from bookbytes_pipeline.domain.isbn import ISBN, parse_isbn
from bookbytes_pipeline.domain.language import language_tag
from bookbytes_pipeline.epub.markup import Element, children, descendants, folded
from bookbytes_pipeline.epub.text import read_page_text

UNTITLED = "Untitled book"
MAX_ELEMENTS = 100
"""More titles, creators or identifiers than this are not read."""
_OPF = "{http://www.idpf.org/2007/opf}"


def read_metadata(package: Element) -> PackageMetadata:
    """Return the metadata of a package document's root element."""
    return PackageMetadata(
        title=_title(package),
        authors=_authors(package),
        language=_language(package),
        publisher=_first(package, "publisher"),
        publish_date=_publish_date(package),
        description=_description(package),
        isbns=_isbns(package),
    )


def _language(package: Element) -> str | None:
    """Return the first language that the book names, as a tag: `de` for `deu`, `Deutsch` or `DE`."""
    said = (_line(element) for element in descendants(package, "language")[:MAX_ELEMENTS])
    return next((tag for text in said if (tag := language_tag(text))), None)


def _title(package: Element) -> str:
    titles = descendants(package, "title")[:MAX_ELEMENTS]
    main = [title for title in titles if _refinement(package, title, "title-type") == "main"]
    return next((text for title in (*main, *titles) if (text := _line(title))), UNTITLED)


def _authors(package: Element) -> tuple[str, ...]:
    creators = descendants(package, "creator")[:MAX_ELEMENTS]
    writing = [creator for creator in creators if _role(package, creator) in {"", "aut"}]
    return tuple(dict.fromkeys(name for creator in writing or creators if (name := _line(creator))))


def _role(package: Element, creator: Element) -> str:
    return (creator.get(f"{_OPF}role") or creator.get("role") or _refinement(package, creator, "role")).strip().lower()


def _publish_date(package: Element) -> str | None:
    """EPUB 2 distinguishes dates by an event; that of the conversion is not the book's."""
    dates = {
        (date.get(f"{_OPF}event") or date.get("event") or ""): _line(date) for date in descendants(package, "date")
    }
    return dates.get("publication") or dates.get("original-publication") or dates.get("") or None


def _description(package: Element) -> str | None:
    text = _first(package, "description")
    if text is None or "<" not in text:
        return text
    return " ".join(block.text for block in read_page_text(text.encode(), cuts=()).blocks) or None


def _isbns(package: Element) -> tuple[ISBN, ...]:
    found = []
    for identifier in descendants(package, "identifier")[:MAX_ELEMENTS]:
        with suppress(InvalidISBN):
            found.append(parse_isbn(_without_scheme(_line(identifier))))
    return tuple(dict.fromkeys(found))


def _without_scheme(identifier: str) -> str:
    return identifier[len("urn:") :] if identifier.lower().startswith("urn:isbn:") else identifier


def _refinement(package: Element, element: Element, wanted: str) -> str:
    reference = f"#{element.get('id')}"
    metas = (meta for parent in descendants(package, "metadata") for meta in children(parent, "meta"))
    return next(
        (_line(meta) for meta in metas if (meta.get("refines"), meta.get("property")) == (reference, wanted)), ""
    )


def _first(package: Element, name: str) -> str | None:
    return next((text for element in descendants(package, name) if (text := _line(element))), None)


def _line(element: Element) -> str:
    return folded("".join(map(str, element.itertext())))
