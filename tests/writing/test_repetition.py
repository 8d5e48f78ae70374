"""Text that says the same again and again."""

import pytest

from bookbytes_pipeline.writing.repetition import distinct_words, repeated_sentence, repeats_phrases

PROSE = (
    "The river rises in the hills above the town. It runs through meadows that are flooded every spring, and the "
    "farmers cross them in flat boats. When the railway came, its engineers wanted to straighten the bed. The farmers "
    "sued them until they gave up, and the river still runs where it always ran."
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PROSE, None),
        (f"{PROSE} So it goes here. So it goes here.", None),
        (f"{PROSE} So it goes here. So it goes  here. So It goes here.", "so it goes here."),
        ("No. No. No. No.", None),
        ("", None),
    ],
)
def test_a_sentence_three_times_is_found(text: str, found: str | None) -> None:
    """However it is written; a cry may be repeated."""
    assert found == repeated_sentence(text, "en")


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        (PROSE, False),
        ("and the river " * 20, True),
        (PROSE[:140] + " and the river and the hills and the town" * 9, True),
        ("and the river " * 5, False),
        ("川は町の上の丘に。" * 20, True),
    ],
)
def test_phrases_all_over_are_found(text: str, *, repeats: bool) -> None:
    """In a text long enough for that to mean something, in any script."""
    assert repeats == repeats_phrases(text, "ja" if "川" in text else "en")


def test_repeated_sentences_count_once() -> None:
    """As a listener would count."""
    assert 6 == distinct_words("It goes so. It goes so. It goes on.", "en")
