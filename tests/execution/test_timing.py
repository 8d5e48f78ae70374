"""When sentences begin: compared with what a voice says of itself, and with what was marked by hand."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bookbytes_pipeline.audio.speech import Speech, decode_speech
from bookbytes_pipeline.audio.timing import PlacedSpeech, sentence_starts
from bookbytes_pipeline.domain.book import Book
from bookbytes_pipeline.domain.clip import Clip
from bookbytes_pipeline.domain.isbn import ISBN
from bookbytes_pipeline.domain.narration import Narration
from bookbytes_pipeline.domain.summary import Grounding, Summary
from bookbytes_pipeline.execution.clip_producer import ClipProducer
from bookbytes_pipeline.execution.spoken_narration import NarrationSpeaker
from bookbytes_pipeline.providers.narrators import espeak
from bookbytes_pipeline.providers.response_cache import CachingNarrator, NullCache
from bookbytes_pipeline.store.folder import Folder
from bookbytes_pipeline.store.store import Store

MAX_MEAN_ERROR_S, MAX_ERROR_S = 0.5, 0.5

ENGLISH = (
    "Rivers begin as springs, high in the hills.",
    "In 1854, a surveyor named Dr. Ford walked the whole length of one.",
    "He wrote down what he saw: 312 springs, 14 waterfalls, and a single bridge.",
    "Nobody believed him.",
    "Why should they?",
    (
        "The maps of the time, drawn in London by people who had never left it, showed nothing of the kind; they "
        "showed a straight blue line, and at its end the sea."
    ),
    "It took forty years until a second surveyor went the same way.",
    "She found everything where he had said.",
)
GERMAN = (
    "Flüsse beginnen als Quellen, hoch oben in den Hügeln.",
    "Im Jahr 1854 ging ein Landvermesser, von dem wir nur den Namen kennen, an einem entlang.",
    "Niemand glaubte ihm.",
    "Das Wasser, das als Regen, Schnee oder Hagel fällt, muss irgendwie wieder hinunter.",
    "Ein Liter wiegt ein Kilogramm.",
)
ENGLISH_STARTS = (0.0, 2.9, 9.0, 15.29, 16.88, 17.93, 27.21, 31.18)
GERMAN_STARTS = (0.0, 3.35, 10.63, 12.14, 17.18)
"""Marked by hand: the second at which eSpeak NG reports the first word of each sentence, as its C library tells it."""
PAUSES = (0.3, 0.42, 0.2, 0.35, 0.25, 0.5, 0.3, 0.4)
"""In seconds, between sentences that are spoken one by one."""


def spoken(text: str, language: str) -> Speech:
    """A text as eSpeak NG speaks it."""

    async def speak() -> bytes:
        async with espeak.connect() as narrator:
            [piece] = await narrator.speak(Narration(text, language))
            return piece.audio

    return decode_speech(asyncio.run(speak()))


def joined(sentences: Sequence[str], language: str, pauses: Sequence[float]) -> tuple[Speech, list[float]]:
    """Sentences that were spoken one by one, joined by known pauses, and when each begins."""
    speeches = [spoken(sentence, language).trimmed() for sentence in sentences]
    rate, at = speeches[0].rate, 0
    starts, parts = [], []
    for speech, pause in zip(speeches, pauses, strict=True):
        starts.append(at / rate + float(np.flatnonzero(speech.loud_windows)[0]) * speech.window_s)
        parts += [speech.samples, np.zeros(round(pause * rate), np.int16)]
        at += len(speech.samples) + round(pause * rate)
    return Speech(np.concatenate(parts), rate), starts


def mean_error(found: Sequence[float], marked: Sequence[float]) -> float:
    """The mean of the absolute differences."""
    return float(np.mean(np.abs(np.asarray(found) - np.asarray(marked))))


@pytest.mark.parametrize(
    ("sentences", "language", "marked"), [(ENGLISH, "en-US", ENGLISH_STARTS), (GERMAN, "de", GERMAN_STARTS)]
)
def test_sentences_of_a_paragraph_begin_where_the_voice_begins_them(
    sentences: Sequence[str], language: str, marked: Sequence[float]
) -> None:
    """The paragraph is one piece; commas, figures and abbreviations are in it."""
    text = " ".join(sentences)

    found = sentence_starts([PlacedSpeech(text, spoken(text, language), 0.0)], sentences)

    assert mean_error(found, marked) <= MAX_MEAN_ERROR_S
    assert max(abs(one - other) for one, other in zip(found, marked, strict=True)) <= MAX_ERROR_S


def test_sentences_of_pieces_that_hold_several_begin_after_their_pauses() -> None:
    """Of two pieces, the second of which begins in the middle of a sentence."""
    whole, marked = joined(ENGLISH, "en-US", PAUSES)
    comma = ENGLISH[5].index("left it,") + len("left it,")
    cut = _quietest(whole, marked[5] + 2.0, marked[6] - 2.0)
    texts = " ".join((*ENGLISH[:5], ENGLISH[5][:comma])), " ".join((ENGLISH[5][comma:].strip(), *ENGLISH[6:]))
    speeches = Speech(whole.samples[:cut], whole.rate), Speech(whole.samples[cut:], whole.rate)
    starts = 0.0, cut / whole.rate

    found = sentence_starts(list(map(PlacedSpeech, texts, speeches, starts)), ENGLISH)

    assert mean_error(found, marked) <= MAX_MEAN_ERROR_S


def test_a_voice_without_pauses_is_followed_by_its_letters() -> None:
    """A sentence begins about where its share of the letters lets expect it."""
    samples = np.random.RandomState([1]).randint(-9_000, 9_000, 240_000).astype(np.int16)
    sentences = ["a" * 10 + ".", "b" * 20 + ".", "c" * 30 + "."]

    found = sentence_starts([PlacedSpeech(" ".join(sentences), Speech(samples, 24_000), 1.0)], sentences)

    assert pytest.approx([1.0, 2.8, 6.1], abs=0.2) == found


def test_what_is_not_spoken_begins_with_what_follows() -> None:
    """Such as a footnote mark on a line of its own; a silent recording has times as well."""
    text = " ".join(ENGLISH[:2])
    silent = Speech(np.zeros(22_050, np.int16), 22_050)

    found = sentence_starts([PlacedSpeech(text, spoken(text, "en-US"), 2.0)], [ENGLISH[0], "", ENGLISH[1], ""])

    assert [2.0, 4.9, 4.9] == pytest.approx(found[:3], abs=0.1)
    assert found == sorted(found)
    assert [1.0] == sentence_starts([PlacedSpeech("One.", silent, 1.0)], ["One."])


def test_a_title_and_its_chapter_are_timed_in_the_finished_clip(tmp_path: Path) -> None:
    """Every sentence of a summary is there in order; the clip itself speaks at its time, and is quiet before."""
    book = Book(ISBN("9780306406157"), "On Rivers", "open_library", authors=("Ada Ford",), language="en-US")
    text = "\n\n".join((" ".join(ENGLISH[:5]), " ".join(ENGLISH[5:])))
    summary = Summary(3, "III. Springs & *rivers*", text, Grounding.FULL_TEXT)
    store = Store(Folder(tmp_path))

    async def produce() -> Clip:
        async with espeak.connect() as narrator:
            speaker = NarrationSpeaker(CachingNarrator(narrator, NullCache()))
            return await ClipProducer(speaker, store.responses, store.clips, book, "en-US", 7, None).produce(summary)

    clip = asyncio.run(produce())

    sound = decode_speech(store.clips.read(clip.key) or b"")
    loud = np.flatnonzero(sound.loud_windows) * sound.window_s
    assert ["III. Springs & rivers", *ENGLISH] == [cue.text for cue in clip.cues]
    assert all(np.abs(loud - cue.start).min() <= 0.1 for cue in clip.cues)
    assert all(not ((loud > cue.start - 0.15) & (loud < cue.start - 0.06)).any() for cue in clip.cues)
    assert clip.cues[-1].start < clip.seconds - 1


def _quietest(whole: Speech, after: float, before: float) -> int:
    """The sample in the middle of the longest pause between these seconds."""
    loud = np.flatnonzero(whole.loud_windows)
    loud = loud[(loud * whole.window_s > after) & (loud * whole.window_s < before)]
    longest = int(np.argmax(np.diff(loud)))
    return round((loud[longest] + loud[longest + 1]) / 2 * whole.window_s * whole.rate)
