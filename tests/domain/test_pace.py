"""How many words take so many minutes."""

import pytest

from bookbytes_pipeline.domain.pace import SummaryLength


@pytest.mark.parametrize(
    ("narrator", "language", "minutes", "words"),
    [
        ("gtts", "en", None, 475),
        ("openai", "de-AT", None, 475),
        ("gtts", "en", 6.0, 950),
        ("gtts", "en", 1.0, 158),
        ("espeak", "en-GB", None, 540),
        ("espeak", "en", 1.0, 172),
        ("espeak", "de", 3.0, 475),
        ("espeak", "sw", 3.0, 475),
    ],
)
def test_words_by_the_pace_of_the_voice(narrator: str, language: str, minutes: float | None, words: int) -> None:
    """As measured, with room for the title; else 475 words in three minutes, as version 0.3.0 asked for."""
    assert words == SummaryLength(narrator, 3.0).words(language, minutes)


def test_the_usual_length_is_a_setting() -> None:
    """It counts where nobody chose another."""
    assert (792, 475) == (SummaryLength("gtts", 5.0).words("en"), SummaryLength("gtts", 5.0).words("en", 3.0))
