"""What is wrong with a recording of a piece of text, judged with what is known of the voice."""

import pytest

from bookbytes_pipeline.audio.speech import Speech, decode_speech
from bookbytes_pipeline.audio.speech_gate import LEARNED_PIECES, Pace, speech_fault
from tests.audio.speech import silence, speech, tone, wav

TEXT = "A river carries the mountain to the sea, a grain at a time, for as long as it rains."
SECONDS = 6.0
"""What the voice of these tests takes for `TEXT`, which is a usual pace: 14 characters a second."""


def recording(seconds: float, *, ends_loudly: bool = False) -> Speech:
    """Speech that ends with a syllable, or in the middle of one, after about so many seconds."""
    third = round(seconds * 3) / 3
    return decode_speech(speech(third + (1 / 12 if ends_loudly else 0)))


def learned(seconds: float = SECONDS) -> Pace:
    """The pace of a voice that took so long for each piece so far."""
    pace = Pace()
    for _ in range(LEARNED_PIECES):
        pace.learn(recording(seconds), TEXT)
    return pace


@pytest.mark.parametrize("seconds", [SECONDS * 0.7, SECONDS, SECONDS * 1.6])
def test_speech_of_about_the_usual_length_passes(seconds: float) -> None:
    """No voice speaks evenly; with and without a pace to judge by."""
    assert [None, None] == [speech_fault(recording(seconds), TEXT, pace) for pace in (Pace(), learned())]


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (decode_speech(silence(SECONDS)), "it is silent"),
        (decode_speech(wav([0.0005, -0.0005] * 72_000, rate=24_000)), "it is silent"),
        (recording(1), "it lasts 0.9 seconds for 84 characters"),
        (recording(89), "it lasts 88.9 seconds for 84 characters"),
    ],
    ids=["digital silence", "noise of a room", "too short", "too long"],
)
def test_what_no_voice_does_is_found_in_the_first_piece(found: Speech, fault: str) -> None:
    """Six seconds for a chapter, or noise that does not end, whatever the voice."""
    assert fault == speech_fault(found, TEXT, Pace())


@pytest.mark.parametrize("seconds", [3, 13.7])
def test_the_pace_of_the_book_narrows_what_passes(seconds: float) -> None:
    """Half of a piece, or twice as much, is a usual length for some voice, but not for this one."""
    found = recording(seconds)

    assert speech_fault(found, TEXT, Pace()) is None
    assert f"it lasts {found.trimmed().seconds:.1f} seconds for 84 characters" == speech_fault(found, TEXT, learned())


def test_a_title_may_have_a_pace_of_its_own() -> None:
    """A few words are spoken slower or faster than a paragraph."""
    assert speech_fault(recording(1), "Springs and Sources.", learned()) is None
    assert speech_fault(recording(2.3), "Springs.", learned()) is None


@pytest.mark.parametrize(
    "text", ["From 1,234,567,890 to 9,876,543,210 it took 1845 years", "DNA, RNA, PCR, HIV and ATP: " * 2]
)
def test_figures_and_initials_take_longer_than_letters(text: str) -> None:
    """Each of them is a word."""
    assert speech_fault(recording(len(text) / 4), text, learned()) is None
    assert speech_fault(recording(len(text) / 4), "w" * len(text), learned()) is not None


@pytest.mark.parametrize(("gap", "fault"), [(1.5, None), (2.5, "it has 2.7 seconds of silence inside")])
def test_silence_inside_is_found(gap: float, fault: str | None) -> None:
    """A listener would take more than two seconds for the end."""
    parts = [wav_samples(speech(3.0)), [0.0] * round(gap * 24_000), wav_samples(speech(3.0))]
    found = decode_speech(wav([sample for part in parts for sample in part], rate=24_000))

    assert fault == speech_fault(found, TEXT, Pace())


def test_an_end_in_the_middle_of_a_word_is_found() -> None:
    """Where this voice else lets its words fade, or the recording is short as well; else a voice may be like that."""
    cut = recording(5.3, ends_loudly=True)

    assert "it breaks off in the middle of a word" == speech_fault(cut, TEXT, learned())
    assert speech_fault(cut, TEXT, Pace()) is None


def test_a_voice_whose_words_all_end_loudly_is_not_cut() -> None:
    """Some recordings end with the last sound; only one that is short as well is doubted."""
    pace = Pace()
    for _ in range(LEARNED_PIECES):
        pace.learn(decode_speech(tone(440, seconds=SECONDS)), TEXT)

    assert speech_fault(decode_speech(tone(440, seconds=5.5)), TEXT, pace) is None
    assert "it breaks off after 4.5 seconds for 84 characters" == speech_fault(
        decode_speech(tone(440, seconds=4.5)), TEXT, pace
    )


def wav_samples(file: bytes) -> list[float]:
    """The samples of a WAV file, 1 being full scale."""
    return [float(sample) / 32_767 for sample in decode_speech(file).samples]
