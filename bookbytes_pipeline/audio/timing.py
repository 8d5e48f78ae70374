"""When the sentences of a narration begin in its sound, without listening to it once more.

A sentence that begins with a piece begins where its sound does. One inside a piece begins after a pause: which one, is
told by the length of the pauses and by how far a voice has come in its text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from bookbytes_pipeline.audio.speech import WINDOW_S, Speech
from bookbytes_pipeline.audio.speech_gate import letters_spoken

MIN_PAUSE_S = 0.05
"""Shorter quiet is part of a consonant."""
PAUSE_WORTH = 4.0
"""How much better a pause as long as those between sentences fits than none, in the unit of the other misfits."""
SPREAD, SPREAD_S = 0.2, 0.25
"""How far a sentence's length may be from what its letters let expect: by this part of it, and so many seconds."""


@dataclass(frozen=True, slots=True)
class PlacedSpeech:
    """A piece of a narration and its speech, which begins `start` seconds after the beginning of the whole sound."""

    text: str
    speech: Speech
    start: float


def sentence_starts(pieces: Sequence[PlacedSpeech], sentences: Sequence[str]) -> list[float]:
    """Return the second, to a hundredth, at which each of `sentences` begins; together they are spoken as `pieces`.

    Where the two differ in their letters, the places of sentences are in proportion.
    """
    letters = [_letters(piece.text) for piece in pieces]
    ends = list(accumulate(letters))
    spoken = list(accumulate((_letters(sentence) for sentence in sentences), initial=0))
    factor = ends[-1] / max(1, spoken[-1])
    places = [min(round(place * factor), ends[-1] - 1) for place in spoken[:-1]]
    starts: list[float] = []
    for piece, begin, end in zip(pieces, [0, *ends], ends, strict=False):
        starts += _starts_in(piece, [place - begin for place in places if begin <= place < end])
    return starts


def _starts_in(piece: PlacedSpeech, places: Sequence[int]) -> list[float]:
    """Return when the sentences in a piece begin, of which each has so many letters of it before it."""
    loud = np.flatnonzero(piece.speech.loud_windows)
    first, last = (float(loud[0]), float(loud[-1] + 1)) if len(loud) else (0.0, float(len(piece.speech.levels)))
    inside = sorted({place for place in places if place > 0})
    cuts = [_index(piece.text, place) for place in inside]
    windows = {0: first, **dict(zip(inside, _between(loud, first, last, _shares(piece.text, cuts)), strict=True))}
    return [round(piece.start + windows[place] * piece.speech.window_s, 2) for place in places]


def _between(loud: "np.ndarray[Any, Any]", first: float, last: float, shares: Sequence[float]) -> list[float]:
    """Return the windows at which sentences begin; `shares` (0 to 1) are the parts of the piece that they take."""
    if len(shares) == 1:
        return []
    expected = np.asarray(shares) * (last - first)
    spread = SPREAD * expected + SPREAD_S / WINDOW_S
    times, pauses = _candidates(loud, first + np.cumsum(expected)[:-1])
    usual = np.sort(pauses)[-len(shares) + 1]
    worth = PAUSE_WORTH * np.minimum(1.0, pauses / max(usual, 1.0))
    steps = times[np.newaxis, :] - times[:, np.newaxis]
    misfit = ((times - first - expected[0]) / spread[0]) ** 2 - worth
    before: list[np.ndarray[Any, np.dtype[np.int64]]] = []
    for length, allowed in zip(expected[1:-1], spread[1:-1], strict=True):
        costs = np.where(steps > 0, misfit[:, np.newaxis] + ((steps - length) / allowed) ** 2, np.inf)
        before.append(np.argmin(costs, axis=0))
        misfit = costs.min(axis=0) - worth
    chosen = [int(np.argmin(misfit + ((last - times - expected[-1]) / spread[-1]) ** 2))]
    for earlier in reversed(before):
        chosen.append(int(earlier[chosen[-1]]))
    return [float(times[index]) for index in reversed(chosen)]


def _candidates(loud: "np.ndarray[Any, Any]", proportional: "np.ndarray[Any, Any]") -> tuple[Any, Any]:
    """Return the windows at which speech goes on after a pause, with the lengths of the pauses, in order.

    Where a voice makes no pauses, a sentence begins where its letters let expect it.
    """
    gaps = np.diff(loud) - 1
    paused = np.flatnonzero(gaps >= MIN_PAUSE_S / WINDOW_S)
    times = np.concatenate([loud[paused + 1].astype(float), proportional])
    pauses = np.concatenate([gaps[paused].astype(float), np.zeros(len(proportional))])
    order = np.argsort(times, kind="stable")
    return times[order], pauses[order]


def _shares(text: str, cuts: Sequence[int]) -> list[float]:
    """Return the part of a piece's length that each stretch between the cuts takes, figures more than letters."""
    stretches = [letters_spoken(text[start:end]) for start, end in pairwise([0, *cuts, len(text)])]
    return [stretch / max(1, sum(stretches)) for stretch in stretches]


def _index(text: str, letters: int) -> int:
    """Return where in `text` the next letter stands after so many."""
    counted = 0
    for index, char in enumerate(text):
        if char.isalnum():
            if counted == letters:
                return index
            counted += 1
    return len(text)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
