"""Whether a narrator can speak with the voice that somebody chose."""

import pytest

from bookbytes_pipeline.domain.book_choices import require_voice
from bookbytes_pipeline.domain.errors import InvalidVoice
from bookbytes_pipeline.domain.narration import Voice, VoiceList

VOICES = (Voice("af_sky", "en-US"), Voice("anna", None))


def is_accepted(voice: str, known: VoiceList) -> bool:
    try:
        require_voice(voice, known)
    except InvalidVoice:
        return False
    return True


def test_a_listed_voice_can_be_chosen() -> None:
    """By its exact name."""
    assert [True, True, False] == [
        is_accepted(voice, VoiceList("openai", VOICES)) for voice in ("anna", "af_sky", "af")
    ]


@pytest.mark.parametrize("voice", ["Anna", "af", "", "../anna"])
def test_a_voice_that_is_not_listed_cannot(voice: str) -> None:
    """The sentence names those there are."""
    with pytest.raises(InvalidVoice, match=f"openai has no voice '{voice}'. It has: af_sky, anna."):
        require_voice(voice, VoiceList("openai", VOICES))


def test_a_long_list_is_told_in_part() -> None:
    """Thirty names fit into a sentence, three hundred do not."""
    many = tuple(Voice(f"voice {number}", None) for number in range(300))

    with pytest.raises(InvalidVoice, match=r"voice 29, …\.$"):
        require_voice("anna", VoiceList("openai", many))


def test_a_server_that_does_not_list_all_decides_itself() -> None:
    """OpenAI has no request for its voices."""
    assert [True, False] == [
        is_accepted("a new one", VoiceList("openai", VOICES, complete=complete)) for complete in (False, True)
    ]


@pytest.mark.parametrize("narrator", ["gtts", "espeak"])
def test_a_narrator_with_one_voice_per_language_leaves_no_choice(narrator: str) -> None:
    """Not even of what it lists."""
    with pytest.raises(InvalidVoice, match=f"{narrator} has one voice for each language"):
        require_voice("anna", VoiceList(narrator, VOICES))


@pytest.mark.parametrize(
    ("tag", "language", "expected"),
    [("en-US", "en", True), ("en", "en_GB", True), ("EN", "en", True), ("de", "en", False), (None, "en", True)],
)
def test_a_voice_may_speak_its_language_in_any_country(tag: str | None, language: str, expected: bool) -> None:
    """One that does not say its language may speak any."""
    assert expected is Voice("a voice", tag).may_speak(language)
