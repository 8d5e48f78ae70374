import pytest

from tests.real_model.recheck import faults

TITLES = "Shadows on the Ground How Things Keep Time The BookBytes authors"
SOURCE = """A stick in the ground was the first clock. The Egyptians divided the day into twelve hours, and in 1450 a
pharaoh carried a clock of shadows with him. At noon the shadow is shortest, and it points to the north. """
GOOD = "A stick in the ground tells the hour by its shadow, which is shortest at noon, as Egypt knew in 1450. "


def test_a_summary_of_the_chapter_has_no_fault() -> None:
    """Names, numbers and words of the chapter in whole English sentences are what is published as good."""
    assert faults(f"{GOOD}Its day had 12 hours.", SOURCE, 40, TITLES) == []


@pytest.mark.parametrize(
    ("rubbish", "fault"),
    [
        ("The BookBytes authors", "only titles: 'The BookBytes authors'"),
        ("12:23:40", "3 words instead of 60"),
        (f"{GOOD}It was then that the", "no end: 'Egypt knew in 1450. It was then that the'"),
        (f"{GOOD}So it is. So it is. So it is.", "3 times: 'so it is'"),
        (f"{GOOD}It was shown by Newton in the rain.", "name: Newton"),
        (f"{GOOD}There were 77 of them.", "number: 77"),
        ("Der Schatten eines Stabes ist am Mittag am kürzesten und zeigt dann nach Norden.", "not English"),
    ],
)
def test_rubbish_is_found(rubbish: str, fault: str) -> None:
    """What a tiny model answers is found without the product's gate."""
    assert fault in faults(rubbish, SOURCE, 60, TITLES)
