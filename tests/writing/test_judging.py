"""What is kept of a summary that is not good."""

from dataclasses import replace

import pytest

from bookbytes_pipeline.domain.book import Book, Chapter
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.writing.chapter_summary import summary_request
from bookbytes_pipeline.writing.evidence import ChapterIndex
from bookbytes_pipeline.writing.judging import Judge, Judged, better
from bookbytes_pipeline.writing.text_gate import Fault
from tests.truth.test_data import TEXTS
from tests.writing.good_summaries import FRENCH, PENDULUM

BOOK = Book("9780306406157", "How Things Keep Time", "open_library", authors=("Ada Ford",), language="en")
TEXT = TEXTS["sample:4"]
CHAPTER = Chapter(4, "The Swinging Lamp", len(TEXT.split()))
STRANGE = "Penguins guard their eggs through antarctic winters without complaint."
OTHERS = (
    "Meanwhile vaccines protect schoolchildren against measles, mumps and rubella.",
    "Bakers knead dough twice before sunrise because yeast demands patience.",
    "Violinists rosin their bows before concerts, rehearsals and auditions.",
    "Beekeepers smoke hives gently while harvesting chestnut honey.",
    "Goalkeepers dive sideways whenever strikers feint cleverly.",
)
IS_STRANGE = "Sentences in it have no passage in the chapter"
FAULT = Fault("wrong_length", "It is too short.")
FATAL = Fault("refusal", "It declines.", fatal=True)


def judge(text: str = TEXT, *, quotes: bool = False) -> Judge:
    """A judge of summaries of `text`; of summaries from memory where it is empty."""
    request = summary_request(BOOK, CHAPTER, text, "en")
    return Judge(BOOK, request, ChapterIndex(text, "en") if text else None, quotes)


def summary(text: str) -> Summary:
    """A summary of the chapter, as a model wrote it."""
    return Summary(4, "The Swinging Lamp", text, Grounding.FULL_TEXT, known=bool(text))


def kept(text: str) -> tuple[Summary, list[str]]:
    """What is kept of a summary, and the notes."""
    found, notes = judge().keep(judge().judge(summary(text)))
    return found, list(notes)


def test_a_good_summary_gets_its_evidence_and_has_no_fault() -> None:
    """Each of its sentences has passages of the chapter."""
    judged = judge().judge(summary(PENDULUM))

    assert ((), True) == (judged.faults, judged.is_hearable)
    assert all(found.spans for found in judged.summary.evidence)


def test_an_unknown_chapter_is_not_judged() -> None:
    """Not knowing it is a good answer, and nothing to be heard."""
    judged = judge("").judge(summary(""))

    assert ((), False) == (judged.faults, judged.is_hearable)


def test_a_model_that_quotes_is_not_judged_by_what_it_quotes() -> None:
    """Only without words there is nothing in it."""
    quoted = TEXT.split("\n\n")[0]

    assert "copied" in {fault.check for fault in judge().judge(summary(quoted)).faults}
    assert () == judge(quotes=True).judge(summary(quoted)).faults
    assert not judge(quotes=True).judge(summary("* * *")).is_hearable


def test_a_chapter_in_another_language_has_no_evidence() -> None:
    """Its words are not those of the summary, so nothing can be found, nor missed."""
    judged = judge(f"{FRENCH}\n\n{FRENCH}").judge(summary(PENDULUM))

    assert ((), ()) == (judged.summary.evidence, judged.summary.unsupported)
    assert [] == [fault for fault in judged.faults if fault.check == "unsupported_sentences"]


@pytest.mark.parametrize(
    "text",
    [f"{STRANGE} {PENDULUM}", f"{PENDULUM} {STRANGE}", f"{PENDULUM}\n\n{STRANGE}", f"{PENDULUM} {STRANGE} {OTHERS[0]}"],
    ids=["first", "last", "a paragraph of its own", "two"],
)
def test_sentences_without_a_passage_are_left_out(text: str) -> None:
    """What is kept is the rest, unchanged, without a review, and a note says what was left out."""
    found, notes = kept(text)

    assert (PENDULUM, ()) == (found.text, found.review_reasons)
    assert [f"left out, because the chapter has no passage for it: {STRANGE}"] == notes[:1]
    assert all(each.support > 0 for each in found.evidence)


def test_a_sentence_is_left_out_where_it_stands() -> None:
    """And not where its words stand in another one before."""
    within = PENDULUM.replace("Whether or not", f"“{STRANGE}” said Galileo of time. Whether or not", 1)
    judged = judge().judge(summary(f"{within} {STRANGE}"))
    said = [found.sentence for found in judged.summary.evidence if "Penguins" in found.sentence]

    assert STRANGE == said[-1]
    assert not kept(f"{within} {STRANGE}")[0].text.endswith(STRANGE)


def test_too_many_sentences_are_not_left_out() -> None:
    """Where a third has no passage the rest does not hold: all is kept, and somebody should read it."""
    text = f"{' '.join(PENDULUM.split()[:135])} at all. {STRANGE} {' '.join(OTHERS)}"
    found, notes = kept(text)

    assert (text, []) == (found.text, notes)
    assert any(reason.startswith(IS_STRANGE) for reason in found.review_reasons)


def test_a_sentence_is_not_left_out_where_too_little_would_be_left() -> None:
    """Less than two fifths of what was asked for."""
    text = f"{' '.join(PENDULUM.split()[:102])} alone. {STRANGE}"
    found, notes = kept(text)

    assert (text, []) == (found.text, notes)
    assert found.needs_review


def test_sentences_with_names_that_the_chapter_lacks_are_left_out() -> None:
    """The others stay as they are."""
    names = " ".join(f"In 19{year} the pendulum clock of {name} kept the time." for year, name in NAMES)
    found, notes = kept(f"{PENDULUM} {names}")

    assert (PENDULUM, (), len(NAMES)) == (found.text, found.unsupported, len(notes))


NAMES = ((31, "Strabo"), (32, "Plinius"), (33, "Lindqvist"))


@pytest.mark.parametrize(
    "text",
    [
        f"Here is the summary:\n\n{PENDULUM}",
        f"{PENDULUM}\n\nWord count: 270",
        f"{PENDULUM} (270 words)",
        f"Sure! Here is a summary of the chapter: {PENDULUM}\n\n(270 words)",
    ],
)
def test_announcement_and_word_count_are_left_out(text: str) -> None:
    """Nobody has to hear them."""
    found, _ = kept(text)

    assert PENDULUM == found.text


def test_what_is_still_wrong_is_a_reason_for_a_review() -> None:
    """As sentences for people."""
    found, _ = kept(f"Here is the summary: {PENDULUM} And then the")

    assert found.needs_review
    assert ["It breaks off in the", "It talks about itsel"] == [reason[:20] for reason in found.review_reasons]


def test_the_evidence_is_that_of_what_is_kept() -> None:
    """Sentence by sentence."""
    found, _ = kept(f"Here is the summary: {PENDULUM} {STRANGE} And then the")

    assert all(each.sentence in found.text for each in found.evidence)
    assert found.evidence[0].sentence.startswith("Galileo")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param((FAULT,), (FAULT,), 2, id="as many faults"),
        pytest.param((FAULT,), (FAULT, FAULT), 1, id="more faults"),
        pytest.param((FAULT, FAULT), (FAULT,), 2, id="fewer faults"),
        pytest.param((FAULT, FAULT), (FATAL,), 1, id="a fatal one"),
        pytest.param((FATAL,), (FAULT, FAULT), 2, id="a fatal one before"),
    ],
)
def test_the_better_of_two_has_fewer_faults(first: tuple[Fault, ...], second: tuple[Fault, ...], expected: int) -> None:
    """The second where both have as many; one worth hearing before one that is not."""
    one, two = Judged(summary("One."), first), Judged(summary("Two."), second)

    assert (one, two)[expected - 1] == better(one, two)


def test_what_is_known_is_better_than_what_is_not() -> None:
    """A model that then says that it does not know the chapter takes nothing back."""
    known, unknown = Judged(summary("One."), (FAULT,)), Judged(replace(summary(""), known=False))

    assert known == better(known, unknown)
