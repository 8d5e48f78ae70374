"""One measure of length for every script."""

import pytest

from bookbytes_pipeline.domain.words import count_words, has_spaces


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("   ", 0),
        ("The harbour-master's ledger, kept since 1848.", 6),
        ("Größe zählt – auch im Straßenbau", 6),
        ("Привет, мир", 2),
        ("吾輩は猫である。", 4),
        ("名前はまだ無い。\n\n第二章", 6),
        ("春天来了,花都开了。", 5),
        ("ฉันรักทะเล", 5),
        ("東京 Tower 1958", 3),
        ("「あ」", 1),
        ("한국어는 띄어 쓴다", 3),
    ],
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    assert count_words(text) == words


def test_a_long_unspaced_text_has_about_half_as_many_words_as_characters() -> None:
    assert count_words("潮が満ちて船が港を出る。" * 500) == 3_000


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ("", True),
        ("Tower", True),
        ("Größe", True),
        ("한국어는", True),
        ("東京の塔は高い Tokyo", False),
        ("Er sagte 東京", True),
    ],
)
def test_a_text_has_spaces_if_most_of_its_letters_are_of_a_script_that_has(text: str, *, spaced: bool) -> None:
    assert spaced == has_spaces(text)
