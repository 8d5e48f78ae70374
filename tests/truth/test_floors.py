"""Floors under what is measured of evidence; docs/reference/truth.md has the numbers themselves."""

import pytest

from bookbytes_pipeline.writing.text_gate import MIN_SUPPORT
from tests.truth import measures
from tests.truth.measures import LabelledChapter, Recall

CHAPTERS = measures.labelled_chapters()
MAX_LAST_TENTH = 0.2
"""Twice its share."""


def test_every_span_is_what_stands_there() -> None:
    """M1, over the labelled summaries and the offline summaries."""
    shown = [(chapter.text, evidence) for chapter, evidence in measures.gold_evidence()]
    shown += [(text, evidence) for _, text, evidence in measures.offline_evidence()]

    assert [] == [span for text, evidence in shown for span in measures.invalid_spans(text, evidence)]
    assert all(1 <= len(found.spans) <= 3 for _, evidence in shown for found in evidence)
    assert all(len(span.quote) <= 300 for _, evidence in shown for found in evidence for span in found.spans)


def test_passages_are_found() -> None:
    """M2: of at least 60 sentences, 80 % with the right passage first, 95 % among the first three."""
    found = sum(map(measures.recall, CHAPTERS), Recall())

    assert found.total >= 60
    assert found.first >= 0.8 * found.total
    assert found.three >= 0.95 * found.total


def test_passages_are_found_where_every_second_sentence_is_missing() -> None:
    """A summary of half the length does worse, and better than the words alone."""
    halves = [range(half, len(chapter.pairs), 2) for half in (0, 1) for chapter in CHAPTERS]
    found = sum(map(measures.recall, [*CHAPTERS, *CHAPTERS], halves), Recall())

    assert found.first >= 0.65 * found.total
    assert found.three >= 0.8 * found.total


def test_another_order_is_not_forced_into_that_of_the_chapter() -> None:
    """A shuffled summary falls back to what the words alone tell."""
    found = sum((measures.recall(chapter, measures.shuffled(len(chapter.pairs))) for chapter in CHAPTERS), Recall())

    assert found.first >= 0.4 * found.total
    assert found.three >= 0.6 * found.total


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_the_end_of_a_chapter_has_no_more_than_twice_its_share(chapter: LabelledChapter) -> None:
    """M3, for a summary that covers its chapter."""
    assert measures.last_tenth(chapter.text, chapter.index.evidence(" ".join(chapter.sentences))) <= MAX_LAST_TENTH


def test_offline_summaries_do_not_crowd_at_the_end() -> None:
    """M3, for the summaries that are made without a model."""
    crowded = {
        name: share
        for name, text, evidence in measures.offline_evidence()
        if (share := measures.last_tenth(text, evidence)) > MAX_LAST_TENTH
    }

    assert {} == crowded


def test_a_summary_from_memory_is_caught_where_it_names_or_counts() -> None:
    """M4: seven of the nine sentences whose names, numbers or places were changed; of outcomes alone, none."""
    found = measures.caught("from_memory")
    wrong = [row["sentence"] for row in measures.canary("from_memory") if row["contradicts_text"]]

    assert sum(found[sentence] for sentence in wrong) >= 7
    assert not any(caught for sentence, caught in found.items() if sentence not in wrong)


def test_a_summary_that_follows_its_text_passes() -> None:
    """M4: no sentence of it is caught."""
    assert [] == [sentence for sentence, caught in measures.caught("from_text").items() if caught]


def test_no_right_sentence_is_below_the_threshold() -> None:
    """The threshold was set where that is true; it finds some sentences about another book."""
    right, wrong = measures.supports()

    assert min(right) >= MIN_SUPPORT
    assert sum(support < MIN_SUPPORT for support in wrong) >= 0.1 * len(wrong)


def test_the_same_numbers_come_twice() -> None:
    """Nothing about it is random."""
    assert list(map(measures.recall, CHAPTERS)) == list(map(measures.recall, CHAPTERS))
    assert measures.supports() == measures.supports()
