"""How well the passages are found that the sentences of summaries rest on: the table of docs/reference/truth.md.

Offline, and the same numbers every time but for those of the CPU.
"""

from bookbytes_pipeline.writing.evidence import share_by_tenth
from bookbytes_pipeline.writing.text_gate import MIN_SUPPORT
from tests.truth import measures
from tests.truth.measures import LabelledChapter, Recall

LONG_CHAPTER_REPEATS = 11


def main() -> None:
    """Print all measures as Markdown."""
    chapters = measures.labelled_chapters()
    print("| measure | value |\n| --- | --- |")
    _validity()
    _recall(chapters)
    _coverage()
    _canary()
    _separation()
    _cpu(chapters)


def _row(measure: str, value: str) -> None:
    print(f"| {measure} | {value} |")


def _validity() -> None:
    shown = [(chapter.text, evidence) for chapter, evidence in measures.gold_evidence()]
    shown += [(text, evidence) for _, text, evidence in measures.offline_evidence()]
    spans = sum(len(found.spans) for _, evidence in shown for found in evidence)
    invalid = sum(len(measures.invalid_spans(text, evidence)) for text, evidence in shown)
    _row("M1 spans valid", f"{spans - invalid} of {spans} ({1 - invalid / spans:.0%})")


def _recall(chapters: tuple[LabelledChapter, ...]) -> None:
    orders = {
        "": [None for _ in chapters],
        ", every second sentence left out": [range(0, len(chapter.pairs), 2) for chapter in chapters],
        ", the other half": [range(1, len(chapter.pairs), 2) for chapter in chapters],
        ", summary shuffled": [measures.shuffled(len(chapter.pairs)) for chapter in chapters],
    }
    for name, order in orders.items():
        found = sum(map(measures.recall, chapters, order), Recall())
        _row(f"M2 recall@1, recall@3, shown{name}", _shares(found))
    for chapter in chapters:
        _row(f"M2 {chapter.name} ({chapter.language})", _shares(measures.recall(chapter)))


def _shares(found: Recall) -> str:
    shares = (f"{part / found.total:.1%}" for part in (found.first, found.three, found.shown))
    return f"{', '.join(shares)} of {found.total}"


def _coverage() -> None:
    for chapter, evidence in measures.gold_evidence():
        _row(f"M3 passages by tenths, {chapter.name}", _tenths(share_by_tenth(evidence, len(chapter.text))))
    for name, text, evidence in measures.offline_evidence():
        _row(f"M3 the same, offline summary of {name}", _tenths(share_by_tenth(evidence, len(text))))


def _tenths(shares: tuple[float, ...]) -> str:
    return " ".join(f"{share:.0%}" for share in shares)


def _canary() -> None:
    found = measures.caught("from_memory")
    wrong = [row["sentence"] for row in measures.canary("from_memory") if row["contradicts_text"]]
    _row("M4 canary, sentences from memory that contradict the text: caught", f"{_count(found, wrong)} of {len(wrong)}")
    faithful = measures.caught("from_text")
    _row("M4 canary, sentences from the text: caught", f"{sum(faithful.values())} of {len(faithful)}")


def _count(found: dict[str, bool], sentences: list[str]) -> int:
    return sum(found[sentence] for sentence in sentences)


def _separation() -> None:
    right, wrong = measures.supports()
    for name, supports in (("right sentences", right), ("sentences about another book", wrong)):
        below = sum(support < MIN_SUPPORT for support in supports)
        _row(f"support below {MIN_SUPPORT}: {name}", f"{below} of {len(supports)} ({below / len(supports):.0%})")


def _cpu(chapters: tuple[LabelledChapter, ...]) -> None:
    whale = next(chapter for chapter in chapters if chapter.name == "whale")
    summary = " ".join(whale.sentences)
    measures.cpu_seconds(whale.text, summary)  # the first loads NumPy and the stemmer
    for text in (whale.text, "\n\n".join([whale.text] * LONG_CHAPTER_REPEATS)):
        seconds = measures.cpu_seconds(text, summary)
        _row(f"CPU for a chapter of {len(text.split()):,} words, {len(whale.pairs)} sentences", f"{seconds:.3f} s")


if __name__ == "__main__":
    main()
