"""What was chosen for a book, as tags of its run."""

import pytest

from bookbytes_pipeline.domain.book_choices import BookChoices
from bookbytes_pipeline.domain.errors import InvalidSettings
from bookbytes_pipeline.run_tags import choice_tags, choices_in


@pytest.mark.parametrize(
    ("choices", "tags"),
    [
        (BookChoices(), {}),
        (BookChoices(5, "anna"), {"bookbytes/minutes": "5", "bookbytes/voice": "anna"}),
        (BookChoices(minutes=2.5), {"bookbytes/minutes": "2.5"}),
        (BookChoices(voice="af_sky(1)+J\u00f6rg\u00a0x"), {"bookbytes/voice": "af_sky(1)+J\u00f6rg\u00a0x"}),
    ],
)
def test_tags_say_what_was_chosen(choices: BookChoices, tags: dict[str, str]) -> None:
    """And nothing of what is usual; other tags are somebody else's."""
    assert tags == choice_tags(choices)
    assert choices == choices_in({**tags, "dagster/priority": "10"})


@pytest.mark.parametrize("voice", ["", "a\nb", "a\n", "a\x00", "a" * 101])
def test_a_voice_that_is_no_name_is_refused(voice: str) -> None:
    """Tags can be typed into Dagster's UI."""
    with pytest.raises(InvalidSettings, match=r"The tag bookbytes/voice of this run is .*: it should be the name"):
        choices_in({"bookbytes/voice": voice})


@pytest.mark.parametrize("minutes", ["", "0", "11", "five"])
def test_a_length_out_of_bounds_is_refused(minutes: str) -> None:
    """The sentence says what it should be."""
    with pytest.raises(InvalidSettings, match="it should be a number of minutes from 1 to 10"):
        choices_in({"bookbytes/minutes": minutes})
