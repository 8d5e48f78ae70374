"""An EPUB file as chapters of plain text: every step from the bytes to the book."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from bookbytes_pipeline.domain.book import BookText, PackageMetadata
from bookbytes_pipeline.domain.errors import UnreadableBook
from bookbytes_pipeline.epub.archive import Archive
from bookbytes_pipeline.epub.blocks import PageText
from bookbytes_pipeline.epub.chapters import Chosen, choose, whole
from bookbytes_pipeline.epub.contents import Contents, read_contents
from bookbytes_pipeline.epub.cover import cover_image, cover_name
from bookbytes_pipeline.epub.drm import read_unprotected_package
from bookbytes_pipeline.epub.encodings import decode
from bookbytes_pipeline.epub.gutenberg import without_gutenberg
from bookbytes_pipeline.epub.languages import BookLanguage, judge_languages
from bookbytes_pipeline.epub.package import Package, Page
from bookbytes_pipeline.epub.print_layout import without_print_layout
from bookbytes_pipeline.epub.section_starts import SectionStarts, find_section_starts
from bookbytes_pipeline.epub.sections import Section, cut
from bookbytes_pipeline.epub.styled_headings import with_styled_headings
from bookbytes_pipeline.epub.text import read_page_text

MAX_TAGS = 2_000_000
"""More markup than any book has; reading it would take minutes."""
MAX_NAMED = 5
MAX_MISSING_NAMED = 20


def read_epub(file: BinaryIO) -> BookText:
    """Return the chapters of the EPUB in `file`, a seekable binary stream, and what its package document says about it.

    Raises `UnreadableBook` if it is no EPUB, damaged, locked, hostile, or holds no text.
    """
    archive, package = _open(file)
    contents = read_contents(archive, package)
    texts = with_styled_headings(without_print_layout(without_gutenberg(_texts(archive, package, contents))))
    starts = find_section_starts(contents.entries, package.pages, texts)
    sections = cut(starts.starts, package.pages, texts, contents.landmarks)
    chosen = choose(sections)
    if not chosen.chapters:
        chosen = _undivided(package, sections)
    elif starts.undivided:
        chosen = chosen.titled(package.metadata.title)
    language = judge_languages(chosen.chapters, texts, package.metadata.language)
    warnings = chain(
        _chapter_warnings(starts, chosen),
        _link_warnings(starts),
        _file_warnings(package, texts),
        [language.reason] if language.doubtful else [],
        _missing(chosen),
    )
    return _book(archive, package, chosen, language, tuple(warnings))


def read_package_metadata(file: BinaryIO) -> PackageMetadata:
    """Return what the package document of the EPUB in `file` says about the book; no page is read.

    Raises `UnreadableBook` like `read_epub`, but not for a book without text.
    """
    _, package = _open(file)
    return package.metadata


def read_cover(file: BinaryIO) -> bytes | None:
    """Return the cover of the EPUB in `file`, JPEG or PNG of at most 20 MB; None if it has none.

    Raises `UnreadableBook` like `read_epub`.
    """
    return cover_image(*_open(file))


def _open(file: BinaryIO) -> tuple[Archive, Package]:
    archive = Archive.open(file)
    return archive, read_unprotected_package(archive)


def _texts(archive: Archive, package: Package, contents: Contents) -> tuple[PageText, ...]:
    wanted = _fragments(contents)
    texts, tags = [], 0
    for page in package.pages:
        content = archive.read(page.name)
        tags += content.count(b"<")
        if tags > MAX_TAGS:
            raise UnreadableBook(f"The EPUB's pages hold more than {MAX_TAGS:,} tags; no book does, so it is refused.")
        cuts = wanted.get(page.name, set()) | wanted.get(page.stands_for, set())
        text = read_page_text(content, cuts, package.metadata.language or "en")
        text = replace(text, guessed_encoding=decode(content).guessed)
        texts.append(_as_contents(text) if _is_contents_page(package, contents, page) else text)
    return tuple(texts)


def _fragments(contents: Contents) -> dict[str, set[str]]:
    """Return the ids at which each file is cut."""
    wanted: dict[str, set[str]] = {}
    hrefs = [*(entry.href for entry in contents.entries), *(landmark.href for landmark in contents.landmarks)]
    for href in hrefs:
        if href and href.fragment:
            wanted.setdefault(href.path, set()).add(href.fragment)
    return wanted


def _is_contents_page(package: Package, contents: Contents, page: Page) -> bool:
    """Return whether this is the navigation, in the spine; a page that holds the whole book lists itself often."""
    return (
        page.name == package.nav
        and sum(bool(entry.href and entry.href.path == page.name) for entry in contents.entries) <= 1
    )


def _as_contents(text: PageText) -> PageText:
    return replace(text, blocks=tuple(replace(block, kinds=block.kinds | {"toc"}) for block in text.blocks))


def _undivided(package: Package, sections: Sequence[Section]) -> Chosen:
    chosen = whole(package.metadata.title, sections)
    if not any(chapter.text for chapter in chosen.chapters):
        raise UnreadableBook("The EPUB holds no text: its pages are empty or pictures only. Attach one with text.")
    return chosen


def _chapter_warnings(starts: SectionStarts, chosen: Chosen) -> Iterator[str]:
    """Yield what people should know about how the chapters were found."""
    if chosen.undivided:
        yield "Nothing in the book passes for a chapter; the whole text is one."
    elif starts.headings and starts.listed:
        yield (
            f"The table of contents names {starts.listed} of the book's places and leaves out most chapters; "
            "they are taken from its headings."
        )
    elif starts.headings and not any(start.title for start in starts.starts):
        yield "The book has no usable table of contents and no headings; each of its files is a chapter."
    elif starts.headings:
        yield "The book has no usable table of contents; its chapters are taken from its headings."
    if starts.unlisted:
        yield f"The table of contents leaves out chapters with headings: {_listed(starts.unlisted)}."


def _link_warnings(starts: SectionStarts) -> Iterator[str]:
    """Yield which links of the contents are wrong."""
    if starts.moved:
        yield (
            f"The contents lead to wrong places; these chapters were found by their headings: {_listed(starts.moved)}."
        )
    if starts.guessed:
        yield f"The contents point at missing files; these titles were matched by position: {_listed(starts.guessed)}."
    if starts.dangling:
        yield f"The table of contents names what is not in the book: {_listed(starts.dangling)}."


def _file_warnings(package: Package, texts: Sequence[PageText]) -> Iterator[str]:
    """Yield which files are missing or in doubt."""
    guessed = [page.name for page, text in zip(package.pages, texts, strict=True) if text.guessed_encoding]
    if guessed:
        yield f"No file says truly how its letters are encoded; it was guessed. Check the text of {_listed(guessed)}."
    if package.unread:
        yield f"Files of the reading order are missing or no pages: {_listed(package.unread)}."


def _missing(chosen: Chosen) -> Iterator[str]:
    """Yield what is left out that people may miss, with titles, lengths and reasons."""
    parts = chosen.missing
    if not parts:
        return
    named = "; ".join(
        f"“{part.title[:60]}” ({part.words:,} words, {part.reason})" for part in parts[:MAX_MISSING_NAMED]
    )
    more = f"; and {len(parts) - MAX_MISSING_NAMED} more" if len(parts) > MAX_MISSING_NAMED else ""
    yield (
        f"{sum(part.words for part in parts):,} words are in no chapter ({1 - chosen.coverage:.0%}): {named}{more}. "
        "Put one back with: bookbytes chapters ISBN --keep TITLE."
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:MAX_NAMED])
    return f"{shown} and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else shown


def _book(
    archive: Archive, package: Package, chosen: Chosen, language: BookLanguage, warnings: Sequence[str]
) -> BookText:
    metadata = package.metadata
    return BookText(
        title=metadata.title,
        chapters=language.chapters,
        authors=metadata.authors,
        language=language.tag,
        language_reason=language.reason,
        publisher=metadata.publisher,
        publish_date=metadata.publish_date,
        description=metadata.description,
        isbns=metadata.isbns,
        left_out=chosen.left_out,
        coverage=chosen.coverage,
        warnings=tuple(warnings),
        cover=cover_name(archive, package),
    )
