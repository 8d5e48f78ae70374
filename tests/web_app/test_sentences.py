"""Sentences of a summary, their times and their passages."""

from bookbytes_api.books.evidence import SentenceEvidence, Span
from bookbytes_api.web_app.sentences import ReadSentence, read_sentences
from bookbytes_pipeline.domain.transcript import Cue

TEXT = "Rivers *begin* small.  They grow.\n\nThen they end."
CUES = (Cue(0.0, "Springs"), Cue(1.5, "Rivers begin small."), Cue(4.0, "They grow."), Cue(6.0, "Then they end."))


def test_sentences_have_the_times_of_the_clip() -> None:
    """Markup and spaces may differ, and paragraphs stay."""
    assert [
        ReadSentence("Rivers *begin* small.", 1.5, begins_paragraph=True),
        ReadSentence("They grow.", 4.0, begins_paragraph=False),
        ReadSentence("Then they end.", 6.0, begins_paragraph=True),
    ] == read_sentences(TEXT, "Springs", "en", CUES, [])


def test_a_sentence_that_is_not_spoken_has_no_time() -> None:
    """The others keep theirs, in order, where one sentence is said twice."""
    summary = "One. Two. Two. Three. www.example.org. Four."
    cues = [Cue(float(at), text) for at, text in enumerate(["Title", "One.", "Two.", "Two.", "Three.", "Four."])]

    sentences = read_sentences(summary, "Title", "en", cues, [])

    assert [1.0, 2.0, 3.0, 4.0, None, 5.0] == [sentence.start for sentence in sentences]


def test_what_the_clip_says_is_shown_where_the_summary_is_another_text() -> None:
    """Without the title, which stands above."""
    sentences = read_sentences("Something quite different. And more.", "Springs", "en", CUES, [])

    assert [(cue.text, cue.start) for cue in CUES[1:]] == [(sentence.text, sentence.start) for sentence in sentences]


def test_a_sentence_has_its_passages_the_best_first() -> None:
    """Without times where there is no clip."""
    spans = [Span(start=0, end=3, quote="Sea"), Span(start=9, end=12, quote="End")]
    evidence = [SentenceEvidence(sentence="Then they end.", support=0.5, spans=spans)]

    sentences = read_sentences(TEXT, "Springs", "en", (), evidence)

    assert [(None, ()), (None, ()), (None, ("Sea", "End"))] == [(it.start, it.passages) for it in sentences]
