"""How fast EPUBs are read: a long book beside its limits, and hostile pages beside pages half as long.

`make bench` runs it after the API benchmark; it takes about a minute.
"""

import io
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from html import escape
from itertools import cycle, islice
from multiprocessing import get_context
from statistics import median
from typing import NamedTuple
from zipfile import ZIP_STORED

from bookbytes_pipeline.epub.reader import read_epub
from bookbytes_pipeline.sample.epub import sample_epub
from tests.epub.building import Entry, epub, opf, page, prose, zipped

CHAPTERS, CHAPTER_WORDS = 100, 5_000
SECTIONS = 5
"""Of a chapter, each with an entry in the contents."""
PARAGRAPH_WORDS = 90
MAX_SECONDS, MAX_MB = 6.0, 250.0
MAX_RATIO = 3.0
"""Of the times for a page and for one half as long. Quadratic time would give four."""
REPEATS = 3

HOSTILE: dict[str, tuple[int, Callable[[int], str]]] = {
    "elements in each other": (40_000, lambda n: "<div>" * n + "word" + "</div>" * n),
    "headings in each other": (40_000, lambda n: "<h1><span>" * n + "word" + "</span></h1>" * n),
    "notes in each other": (40_000, lambda n: '<p class="footnote">' * n + "word"),
    "elements left open": (100_000, lambda n: "<p><b>word " * n),
    "raised numbers": (100_000, lambda n: "<p>" + "word<sup>12</sup> " * n + "</p>"),
    "fractions": (60_000, lambda n: "<p>" + "<sup>1</sup>/<sub>2</sub>" * n + "</p>"),
    "links to notes": (60_000, lambda n: "<p>" + '<a href="#n1">[1]</a> ' * n + "</p>"),
    "notes after a rule": (40_000, lambda n: "<hr/>" + '<p id="n1"><a href="#r1">1</a> word</p>' * n),
    "formulas": (20_000, lambda n: "<p>" + "<math><mfrac><mn>1</mn><mi>x</mi></mfrac></math>" * n + "</p>"),
    "formulas in each other": (20_000, lambda n: "<math>" + "<msqrt>" * n + "x" + "</msqrt>" * n + "</math>"),
    "divided words": (200_000, lambda n: "<p>" + "remark- able " * n + "</p>"),
    "hyphens": (2_000_000, lambda n: f"<p>{'-' * n}</p>"),
    "spaces between hyphens": (1_000_000, lambda n: f"<p>{'- ' * n}</p>"),
    "open brackets": (2_000_000, lambda n: f"<p>{'[' * n}</p>"),
    "digits": (2_000_000, lambda n: f"<p>{'1' * n}</p>"),
    "asterisks": (2_000_000, lambda n: f"<p>{'*' * n}</p>"),
    "a long style": (2_000_000, lambda n: f'<p style="{"color:red;display" * (n // 17)}">word</p>'),
    "many classes": (300_000, lambda n: f'<p class="{"note " * n}">word</p>'),
    "short paragraphs": (100_000, lambda n: "<p>word</p>" * n),
    "headings": (60_000, lambda n: "<h2>Chapter 1</h2><p>word</p>" * n),
    "lines that are numbers": (100_000, lambda n: "<p>12</p>" * n),
    "breaks": (300_000, lambda n: f"<p>{'word<br/>' * n}</p>"),
    "placed words": (60_000, lambda n: '<span style="position:absolute">word</span>' * n),
    "text like Chapter 1": (400_000, lambda n: f"<p>{'Chapter 1 ' * n}</p>"),
}
"""Bodies of pages by what they are full of, and how much of it."""


class Cost(NamedTuple):
    """Seconds of reading, without imports, and the most memory that the process had, in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure and print, each line as soon as it is measured."""
    print(
        f"\n{f'{CHAPTERS * CHAPTER_WORDS:,} words in {CHAPTERS} chapters':<36}{'measured':>9}{'limit':>9}{'ratio':>7}"
    )
    cost = _measured(long_book())
    _limit("seconds", cost.seconds, MAX_SECONDS)
    _limit("peak memory, MB", cost.megabytes, MAX_MB)
    print(f"\n{'seconds of CPU for a page full of':<36}{'measured':>9}{'half':>9}{'ratio':>7}", flush=True)
    for name, (size, body) in HOSTILE.items():
        half, whole = (_page_seconds(body(length)) for length in (size // 2, size))
        verdict = "ok" if whole <= MAX_RATIO * half else "over"
        print(f"{name:<36}{whole:>9.2f}{half:>9.2f}{whole / half:>7.2f}  {verdict}", flush=True)


def _limit(label: str, measured: float, limit: float) -> None:
    verdict = "ok" if measured <= limit else "over"
    print(f"{label:<36}{measured:>9.1f}{limit:>9.1f}{measured / limit:>7.2f}  {verdict}", flush=True)


def _measured(file: bytes) -> Cost:
    """Read the book in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_read, file).result()


def _read(file: bytes) -> Cost:
    began = time.perf_counter()
    book = read_epub(io.BytesIO(file))
    seconds = time.perf_counter() - began
    if len(book.chapters) != CHAPTERS:
        sys.exit(f"The book was read as {len(book.chapters)} chapters; it has {CHAPTERS}.")
    return Cost(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _page_seconds(body: str) -> float:
    """Return the seconds of CPU for a book of one page, stored without compression lest it is taken for a zip bomb."""
    file = zipped({"book.opf": opf(["1.xhtml"]), "1.xhtml": page(prose(100) + body)}, ZIP_STORED)
    seconds = []
    for _ in range(REPEATS):
        file.seek(0)
        began = time.process_time()
        read_epub(file)
        seconds.append(time.process_time() - began)
    return median(seconds)


def long_book() -> bytes:
    """Return a book with what publishers' markup is full of: spans, notes, page breaks, anchors, nested contents."""
    words = cycle(_sample_words())
    pages: dict[str, str] = {}
    contents: list[Entry] = []
    for number in range(1, CHAPTERS + 1):
        href = f"chapter-{number}.xhtml"
        pages[href] = page(_chapter(number, words), declared="bodymatter")
        sections = [(f"{section}. Of the sea", f"{href}#s{section}") for section in range(1, SECTIONS + 1)]
        contents.append((f"Chapter {number}: The sea again", href, sections))
    return epub(pages, contents, landmarks=[("bodymatter", "chapter-1.xhtml")]).getvalue()


def _sample_words() -> list[str]:
    return [word for chapter in read_epub(io.BytesIO(sample_epub())).chapters for word in escape(chapter.text).split()]


def _chapter(number: int, words: Iterator[str]) -> str:
    paragraphs = CHAPTER_WORDS // PARAGRAPH_WORDS + 1
    body = f'<h1 class="title"><span class="label">Chapter {number}</span>: The sea again</h1>'
    for index in range(paragraphs):
        if index % (paragraphs // SECTIONS) == 0 and index // (paragraphs // SECTIONS) < SECTIONS:
            section = index // (paragraphs // SECTIONS) + 1
            body += f'<h2 id="s{section}" class="section">{section}. Of the sea</h2>'
        body += _paragraph(index, list(islice(words, PARAGRAPH_WORDS)))
    notes = "".join(_note(index) for index in range(0, paragraphs, 4))
    return f'<section epub:type="chapter" class="chapter">{body}</section><div class="notes">{notes}</div>'


def _note(index: int) -> str:
    text = f'<a href="#r{index}">{index}</a> See the log, p. {index}.'
    return f'<aside epub:type="footnote" id="n{index}"><p>{text}</p></aside>'


def _paragraph(index: int, words: list[str]) -> str:
    words[10] = f"<em>{words[10]}</em>"
    words[20] = f'<span class="calibre{index % 7}">{words[20]} {words[21]}</span>'
    words[40] = f"<b>{words[40]}</b>"
    words[60] = f'<span epub:type="pagebreak" id="page{index}" title="{index}"></span>{words[60]}'
    if index % 4 == 0:
        words[-1] += f'<a epub:type="noteref" id="r{index}" href="#n{index}"><sup>{index}</sup></a>'
    return f'<p class="calibre{index % 3}"><span class="text">{" ".join(words)}</span></p>'


if __name__ == "__main__":
    main()
