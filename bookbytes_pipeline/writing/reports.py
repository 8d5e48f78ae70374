"""What an operator sees of a book in Dagster, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence

from bookbytes_pipeline.domain.book import Book, BookText, Chapter
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.corrections import ChosenChapters, parts_of
from bookbytes_pipeline.domain.summary import Summary
from bookbytes_pipeline.domain.words import count_words
from bookbytes_pipeline.writing.evidence import share_by_tenth
from bookbytes_pipeline.writing.text_gate import MIN_SUPPORT


def book_report(book: Book) -> str:
    """The facts about a book."""
    facts = {
        "Title": book.title,
        "Author": book.author or "-",
        "Language": book.language or "unknown",
        "Published": f"{book.publisher or '-'}, {book.publish_date or '-'}",
        "Pages": book.pages or "-",
        "Rows of contents": len(book.contents),
        "Source": book.source,
    }
    return _table(("", ""), facts.items())


def text_report(text: BookText) -> str:
    """The chapters of an attached book, and the sections that were left out."""
    kept = [(part.number, part.title, count_words(part.text), "chapter") for part in text.chapters]
    left = [("", part.title, part.words, f"left out: {part.reason}") for part in text.left_out]
    language = f"\n\nLanguage: {text.language or 'unknown'}. {text.language_reason}"
    warnings = "".join(f"\n\n**{warning}**" for warning in text.warnings)
    return _table(("No.", "Title", "Words", ""), [*kept, *left]) + language + warnings


def chapters_report(chapters: Iterable[Chapter]) -> str:
    """The chapters with their lengths."""
    rows = [(chapter.number, chapter.title, chapter.words or "-") for chapter in chapters]
    return _table(("No.", "Title", "Words"), rows)


def correction_report(text: BookText | None, chosen: ChosenChapters | None) -> str:
    """What people changed of the chapters as they were read."""
    if text is None or chosen is None or not chosen.corrected:
        return "The chapters are not corrected."
    titles = {section: part.title for section, part in parts_of(text).items()}
    as_read = {part.section for part in text.chapters}
    used = {section for chapter in chosen.chapters for section in chapter.sections}
    changes = [
        *(("skipped", titles[section]) for section in sorted(as_read - used)),
        *(("kept", titles[section]) for section in sorted(used - as_read)),
        *(
            ("merged", ", ".join(titles[section] for section in chapter.sections))
            for chapter in chosen.chapters
            if len(chapter.sections) > 1
        ),
        *(
            ("renamed", f"{titles[chapter.sections[0]]} → {chapter.title}")
            for chapter in chosen.chapters
            if chapter.title != titles[chapter.sections[0]]
        ),
    ]
    return _table(("", ""), changes)


def summaries_report(summaries: Iterable[Summary]) -> str:
    """The summaries to read."""
    return "\n\n".join(
        f"### {summary.number}. {summary.title}\n\n{summary.text or '*not known to the model*'}"
        + "".join(f"\n\n**Needs review: {reason}**" for reason in summary.review_reasons)
        for summary in summaries
    )


def evidence_report(summaries: Iterable[Summary], lengths: Mapping[int, int]) -> str:
    """How many sentences have passages, and which tenths of the chapter those lie in.

    `lengths` are those of the chapters' texts in characters, by number.
    """
    rows = [
        (
            summary.number,
            summary.title,
            f"{sum(found.support >= MIN_SUPPORT for found in summary.evidence)} of {len(summary.evidence)}",
            " ".join(f"{share:.0%}" for share in share_by_tenth(summary.evidence, lengths[summary.number])),
        )
        for summary in summaries
        if summary.evidence
    ]
    if not rows:
        return "The summaries are from memory: there is no text to show passages of."
    return _table(("No.", "Title", "Sentences with a passage", "Passages by tenths of the chapter"), rows)


def clips_report(clips: Sequence[Clip]) -> str:
    """The clips with their lengths."""
    rows = [(clip.number, clip.title, minutes(clip.seconds), clip.key) for clip in clips]
    return _table(("No.", "Title", "Length", "Clip"), [*rows, ("", "Total", minutes(total_seconds(clips)), "")])


def total_seconds(clips: Iterable[Clip]) -> float:
    """Return the length of all clips together."""
    return sum(clip.seconds for clip in clips)


def minutes(seconds: float) -> str:
    """Return a length in minutes and seconds: `3:07`."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |" for line in lines)
