"""What a book costs before it is made."""

import pytest

from bookbytes_pipeline.domain.cost import (
    CHARACTERS_PER_WORD,
    QUESTION_TOKENS,
    TOKENS_PER_WORD,
    Prices,
    Workload,
    cost_usd,
    prices_of,
    workload,
)
from bookbytes_pipeline.domain.pace import SummaryLength

CHAPTERS_ONLY = SummaryLength("gtts", minutes=3.0, of_book=False)
PRICES = Prices(input_tokens=0.25, output_tokens=2.0, characters=15.0)


def test_a_chapter_is_read_once_and_its_summary_written_and_spoken_once() -> None:
    """Three minutes of speech are 475 words, whatever the length of a long chapter."""
    made = workload([3000], CHAPTERS_ONLY, "en")

    assert Workload(QUESTION_TOKENS + 4000, round(475 * TOKENS_PER_WORD), 475 * CHARACTERS_PER_WORD, 180.0) == made


def test_the_summary_of_a_short_chapter_is_a_third_of_it() -> None:
    """So longer summaries cost nothing more there."""
    short, long = (workload([300], SummaryLength("gtts", minutes, of_book=False), "en") for minutes in (1.0, 10.0))

    assert short == long
    assert 100 * CHARACTERS_PER_WORD == short.characters


def test_a_chapter_of_unknown_length_gets_a_summary_of_full_length() -> None:
    """Nothing of it is read: the model writes from memory."""
    made = workload([0], CHAPTERS_ONLY, "en")

    assert (QUESTION_TOKENS, 475 * CHARACTERS_PER_WORD) == (made.input_tokens, made.characters)


def test_the_book_as_a_whole_is_one_more_summary() -> None:
    """It reads the summaries of the chapters; that of a single chapter would say the same again."""
    with_whole = SummaryLength("gtts", minutes=3.0, of_book=True)
    chapters, book = workload([3000] * 4, CHAPTERS_ONLY, "en"), workload([3000] * 4, with_whole, "en")

    assert 180.0 == book.seconds - chapters.seconds
    assert QUESTION_TOKENS + round(4 * 475 * TOKENS_PER_WORD) == book.input_tokens - chapters.input_tokens
    assert workload([3000], CHAPTERS_ONLY, "en") == workload([3000], with_whole, "en")


def test_a_measured_voice_takes_as_long_as_asked_for() -> None:
    """Its words are fewer or more, so that the minutes are the same; the title is spoken, too."""
    made = workload([30_000], SummaryLength("espeak", minutes=5.0, of_book=False), "fr")

    assert 300 == pytest.approx(made.seconds, abs=1)


def test_dollars_are_prices_by_the_million() -> None:
    """Tokens that are read, tokens that are written and characters that are spoken have prices of their own."""
    assert 0.25 + 4.0 + 45.0 == cost_usd(Workload(1_000_000, 2_000_000, 3_000_000), PRICES)


@pytest.mark.parametrize("narrator", ["espeak", "piper", "gtts"])
def test_what_is_free_costs_nothing_whatever_prices_are_set(narrator: str) -> None:
    """They are those of a provider that is not in use."""
    assert 0.0 == cost_usd(Workload(10, 10, 10), prices_of("extractive", narrator, PRICES))


@pytest.mark.parametrize(
    ("model", "narrator", "charged"),
    [
        ("openai", "espeak", Prices(input_tokens=0.25)),
        ("openai", "openai", Prices(input_tokens=0.25, output_tokens=2.0)),
        (None, "espeak", PRICES),
        ("openai", None, PRICES),
    ],
)
def test_one_unknown_price_leaves_the_cost_unknown(model: str | None, narrator: str | None, charged: Prices) -> None:
    """A part of the cost would look like all of it; before the first run it is not even known who charges."""
    assert cost_usd(Workload(10, 10, 10), prices_of(model, narrator, charged)) is None
