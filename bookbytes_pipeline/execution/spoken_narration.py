"""From a narration to checked sound, by way of a narrator."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from av.audio.frame import AudioFrame

from bookbytes_pipeline.audio.sound import seconds_of
from bookbytes_pipeline.audio.speech import SILENCE_BEFORE_S, Speech, decode_speech, put_together
from bookbytes_pipeline.audio.speech_gate import Pace, is_how_the_voice_ends, speech_fault
from bookbytes_pipeline.audio.timing import PlacedSpeech, sentence_starts
from bookbytes_pipeline.constants import CORES
from bookbytes_pipeline.domain.errors import PoorSpeech, UnusableAnswer
from bookbytes_pipeline.domain.narration import Narration, SpokenPiece
from bookbytes_pipeline.providers.call_slots import CallSlots
from bookbytes_pipeline.providers.response_cache import CachingNarrator

TITLE_PAUSE_S = 1.0
PARAGRAPH_PAUSE_S = 0.7
"""Breaths, the same for every voice; within a paragraph a voice makes its own."""
MAX_QUOTED_CHARS = 60
MAX_OTHER_LENGTH_S = 0.1
"""Between a clip and the sound of its recording; a resampled clip is a few milliseconds longer."""


@dataclass(frozen=True)
class Checked:
    """A piece with its sound, or with what is wrong with it."""

    piece: SpokenPiece
    speech: Speech | None
    fault: str | None = None


@dataclass(frozen=True)
class SpokenNarration:
    """A narration as one sound, and the seconds at which its sentences begin in it."""

    sound: list[AudioFrame]
    starts: list[float]


@dataclass
class NarrationSpeaker:
    """Speaks the narrations of one book with one narrator, and sees that nothing of them is missing.

    Only so many narrations as there are `encoders` are decoded at once, those of earlier chapters first: as sound, one
    takes thirty megabytes.
    """

    narrator: CachingNarrator
    pace: Pace = field(default_factory=Pace)
    encoders: CallSlots = field(default_factory=lambda: CallSlots(CORES))

    @asynccontextmanager
    async def sound(self, narration: Narration, sentences: Sequence[str] = ()) -> AsyncIterator[SpokenNarration]:
        """Yield the narration as one sound, with a breath after its title and each of its paragraphs.

        `sentences` are the narration's, together and in order, whose beginnings are to be found.

        A piece that fails the speech gate is spoken once more. Raises `PoorSpeech` where it fails again. What was
        spoken is kept all the same: a later run finds the same fault, and asks for that piece alone.
        """
        pieces = await self.narrator.speak(narration)
        if _letters(piece.text for piece in pieces) != _letters([narration.text]):
            await self.narrator.discard(narration)
            raise PoorSpeech(f"The voice {self.narrator.voice} left out a part of the text. Try again later.")
        async with self.encoders.slot():
            checked = await self._learned(pieces)
            if not any(part.fault for part in checked):
                yield await asyncio.to_thread(_put_together, checked, sentences)
                return
        checked = [again for part in checked for again in await self._repaired(part, narration.language)]
        await self.narrator.keep(narration, [part.piece for part in checked])
        self._require_good(checked)
        async with self.encoders.slot():
            yield await asyncio.to_thread(_put_together, checked, sentences)

    async def starts(self, narration: Narration, sentences: Sequence[str], seconds: float) -> list[float]:
        """Return when the sentences begin in a clip that was made of a remembered recording, and lasts so long.

        There are none where the recording is not remembered, or is not the one in the clip.
        """
        pieces = await self.narrator.remembered(narration)
        if not pieces:
            return []
        async with self.encoders.slot():
            return await asyncio.to_thread(_starts_in_clip, pieces, sentences, seconds)

    def _require_good(self, checked: Sequence[Checked]) -> None:
        if poor := next((part for part in checked if part.fault), None):
            raise PoorSpeech(
                f"The voice {self.narrator.voice} did not speak “{_quoted(poor.piece.text)}” as it should, although it "
                f"was asked again: {poor.fault}. Try again later, or choose another voice."
            )

    async def _learned(self, pieces: Sequence[SpokenPiece]) -> list[Checked]:
        """Learn the pace from all pieces before any is judged by it: the first narration of a book has no other."""
        decoded = [await asyncio.to_thread(_decoded, piece) for piece in pieces]
        for part in decoded:
            if part.speech and part.fault is None:
                self.pace.learn(part.speech, part.piece.text)
        return [self._judged(part) for part in decoded]

    def _judged(self, part: Checked) -> Checked:
        return replace(part, fault=speech_fault(part.speech, part.piece.text, self.pace)) if part.speech else part

    async def _repaired(self, part: Checked, language: str) -> list[Checked]:
        if part.fault is None:
            return [part]
        pieces = await self.narrator.speak_again(part.piece, language)
        decoded = [await asyncio.to_thread(_decoded, piece) for piece in pieces]
        return [_confirmed(part, self._judged(piece)) for piece in decoded]


def _decoded(piece: SpokenPiece) -> Checked:
    """The piece with its sound, judged by what is true of any voice."""
    try:
        speech = decode_speech(piece.audio)
    except UnusableAnswer:
        return Checked(piece, None, "it is no audio that can be decoded")
    return Checked(piece, speech, speech_fault(speech, piece.text, Pace()))


def _confirmed(first: Checked, second: Checked) -> Checked:
    """The second recording, without a fault that is none because the first ends just like it."""
    if not (first.speech and second.speech and second.fault):
        return second
    alike = is_how_the_voice_ends(first.speech, second.speech, second.fault)
    return replace(second, fault=None) if alike else second


def _letters(texts: Iterable[str]) -> str:
    return "".join(filter(str.isalnum, "".join(texts)))


def _put_together(checked: Sequence[Checked], sentences: Sequence[str]) -> SpokenNarration:
    """One sound of all pieces at the rate of the first; the first paragraph is the title."""
    rate = next(part.speech.rate for part in checked if part.speech)
    parts: list[tuple[Speech, float]] = []
    placed: list[PlacedSpeech] = []
    paragraphs, begins, at = 0, True, SILENCE_BEFORE_S
    for part in checked:
        speech = part.speech if part.speech and part.speech.rate == rate else decode_speech(part.piece.audio, rate)
        ends = part.piece.ends_paragraph
        pause = (PARAGRAPH_PAUSE_S if paragraphs else TITLE_PAUSE_S) if ends else 0.0
        first, after = speech.bounds(before=begins, after=ends)
        parts.append((Speech(speech.samples[first:after], rate), pause))
        placed.append(PlacedSpeech(part.piece.text, speech, at - first / rate))
        at += (after - first) / rate + pause
        paragraphs, begins = paragraphs + ends, ends
    last, _ = parts[-1]
    starts = sentence_starts(placed, sentences)
    return SpokenNarration(put_together([*parts[:-1], (last, 0.0)]), starts)


def _starts_in_clip(pieces: Sequence[SpokenPiece], sentences: Sequence[str], seconds: float) -> list[float]:
    try:
        spoken = _put_together([Checked(piece, decode_speech(piece.audio)) for piece in pieces], sentences)
    except UnusableAnswer:
        return []
    return spoken.starts if abs(seconds_of(spoken.sound) - seconds) < MAX_OTHER_LENGTH_S else []


def _quoted(text: str) -> str:
    return text[:MAX_QUOTED_CHARS] + ("…" if len(text) > MAX_QUOTED_CHARS else "")
