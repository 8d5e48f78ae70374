"""From a narration to sound: checked piece by piece, asked for again once, with breaths that every voice takes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import seconds_of
from bookbytes_pipeline.audio.speech import WINDOW_S, Speech, decode_speech
from bookbytes_pipeline.domain.errors import PoorSpeech
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.execution.spoken_narration import PARAGRAPH_PAUSE_S, TITLE_PAUSE_S, NarrationSpeaker
from bookbytes_pipeline.providers.response_cache import CachingNarrator
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store
from tests.audio.speech import mp3, silence, speech, wav

TITLE = "Springs."
PARAGRAPHS = tuple(f"Paragraph {number} tells of a river that is longer than the one before." for number in "abcdef")
RATE = 24_000
LONGEST_IN_A_PARAGRAPH_S = 0.55
NARRATION = Narration("\n\n".join((TITLE, *PARAGRAPHS)), "en")


def well(text: str) -> bytes:
    """The recording of a voice that speaks 15 characters a second."""
    return speech(max(1.0, round(len(text) / 15 * 3) / 3))


class Voice:
    """A narrator that speaks each paragraph with the next of the `recordings` for it, else as it should."""

    name, voice = "voice", "v-1"

    def __init__(self, recordings: dict[str, list[bytes]] | None = None, well: Callable[[str], bytes] = well) -> None:
        self.asked: list[str] = []
        self._recordings = recordings or {}
        self._well = well

    async def speak(self, narration: Narration) -> list[SpokenPiece]:
        """Return a recording of each paragraph."""
        paragraphs = narration.text.split("\n\n")
        self.asked += paragraphs
        return [SpokenPiece(text, self._recording(text)) for text in paragraphs]

    def _recording(self, text: str) -> bytes:
        prepared = self._recordings.get(text)
        return prepared.pop(0) if prepared else self._well(text)


def spoken(narrator: CachingNarrator, narration: Narration = NARRATION) -> list[AudioFrame]:
    """Return the sound of a narration."""

    async def speak() -> list[AudioFrame]:
        async with NarrationSpeaker(narrator).sound(narration) as sound:
            return sound.sound

    return asyncio.run(speak())


def sound_of(voice: Voice, folder: Path) -> float:
    """Speak the narration; return how long it lasts, the silence around it included."""
    narrator = CachingNarrator(voice, Store(Folder(folder)).responses)
    return seconds_of(spoken(narrator))


@pytest.mark.parametrize(
    "poor",
    [b"no sound", b"", silence(5.0), speech(0.4), speech(2.0), speech(12.0)],
    ids=["no audio", "empty", "silent", "very short", "half", "twice as long"],
)
def test_a_poor_piece_is_asked_for_once_more(poor: bytes, tmp_path: Path) -> None:
    """The rest is not; the sound is the one that a good voice would have given, and is kept as such."""
    good, voice = Voice(), Voice({PARAGRAPHS[2]: [poor]})

    expected = sound_of(good, tmp_path / "good")
    lengths = [sound_of(voice, tmp_path / "poor"), sound_of(voice, tmp_path / "poor")]

    assert [expected, expected] == lengths
    assert [*good.asked, PARAGRAPHS[2]] == voice.asked


def test_a_piece_that_stays_poor_fails_the_chapter_and_costs_no_other(tmp_path: Path) -> None:
    """The sentence quotes the text and says what is wrong; a later run asks for that piece again, and for no other."""
    voice = Voice({PARAGRAPHS[2]: [speech(0.4), silence(4.0)]})

    with pytest.raises(PoorSpeech) as failure:
        sound_of(voice, tmp_path)
    sound_of(voice, tmp_path)

    assert str(failure.value) == (
        f"The voice v-1 did not speak “{PARAGRAPHS[2][:60]}…” as it should, although it was asked again: it is silent. "
        "Try again later, or choose another voice."
    )
    assert [TITLE, *PARAGRAPHS, PARAGRAPHS[2], PARAGRAPHS[2]] == voice.asked


def test_a_loud_end_that_comes_twice_is_how_the_voice_ends(tmp_path: Path) -> None:
    """A recording that was cut by accident would not be cut in the same place again."""
    loud, cut = speech(5 + 1 / 12), speech(4 + 1 / 3 + 1 / 12)
    alike, other = Voice({PARAGRAPHS[5]: [loud, loud]}), Voice({PARAGRAPHS[5]: [loud, cut]})

    assert sound_of(alike, tmp_path / "alike") > 30
    with pytest.raises(PoorSpeech, match="it breaks off in the middle of a word"):
        sound_of(other, tmp_path / "other")


def test_six_seconds_for_a_chapter_are_no_clip(tmp_path: Path) -> None:
    """Neither from a voice, nor from a recording of the whole text that was kept by an earlier release."""
    cache = Store(Folder(tmp_path)).responses
    narrator = CachingNarrator(Voice(), cache)
    whole = Narration(" ".join(PARAGRAPHS * 8), "en")
    cache.set("speech", narrator._key(whole), mp3(speech(6.0)))  # noqa: SLF001 - the key of an earlier release

    sound = spoken(narrator, whole)

    assert seconds_of(sound) > len(whole.text) / 20


def test_text_that_a_narrator_leaves_out_is_missed(tmp_path: Path) -> None:
    """Whatever a narrator makes of a text, its letters are all there."""

    class Forgetful(Voice):
        async def speak(self, narration: Narration) -> list[SpokenPiece]:
            return (await super().speak(narration))[:-1]

    with pytest.raises(PoorSpeech, match="The voice v-1 left out a part of the text"):
        sound_of(Forgetful(), tmp_path)


@pytest.mark.parametrize("around", [0.0, 0.4, 1.5])
def test_breaths_are_the_same_whatever_quiet_a_voice_leaves(around: float, tmp_path: Path) -> None:
    """A second after the title, less between paragraphs; the voice's own quiet before and after counts no more."""

    def padded(text: str) -> bytes:
        quiet = [0.0] * round(around * RATE)
        return wav([*quiet, *(sample / 32_767 for sample in decode_speech(well(text)).samples), *quiet], rate=RATE)

    narrator = CachingNarrator(Voice(well=padded), Store(Folder(tmp_path)).responses)

    sound = spoken(narrator)

    samples = np.concatenate([frame.to_ndarray()[0] for frame in sound])
    title, *paragraphs = breaths(Speech(samples, sound[0].sample_rate))

    assert TITLE_PAUSE_S + 0.1 == pytest.approx(title, abs=0.12)
    assert [pytest.approx(PARAGRAPH_PAUSE_S + 0.1, abs=0.12)] * (len(PARAGRAPHS) - 1) == paragraphs


def breaths(speech: Speech) -> list[float]:
    """The seconds of each quiet that is longer than any within a paragraph."""
    speaking = np.flatnonzero(speech.loud_windows)
    return [float(gap) for gap in np.diff(speaking) * WINDOW_S if gap > LONGEST_IN_A_PARAGRAPH_S]
