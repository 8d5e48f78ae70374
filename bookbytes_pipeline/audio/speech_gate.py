"""Recorded speech, checked before it becomes part of a clip: whether it can be heard and says all of its text.

Each check returns its fault in words, or None. How fast a voice speaks is learned from the pieces of the same book.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from bookbytes_pipeline.audio.speech import WINDOW_S, Speech

MIN_CHARS_PER_S, MAX_CHARS_PER_S = 2.0, 60.0
"""Any voice in any script: Chinese is spoken at 4 to 6 characters a second, English at 12 to 20."""
MIN_RATIO, MAX_RATIO = 0.55, 1.9
"""Of a piece's length to what the book's other pieces let expect."""
SHORT_CHARS = 40
"""A shorter piece may be a title or an exclamation, whose pace says nothing."""
ROOM_S = 1.5
"""What a piece may have beyond its words: the quiet around them."""
LEARNED_PIECES = 5
MAX_SILENCE_S = 2.0
SILENT_LEVEL = 30.0
"""Of 32,767: -60 dB full scale, the noise of a quiet room."""
END_WINDOWS = 3
LOUD_END_DB = 12.0
"""Below the loud parts of the speech: a voice that stops of its own accord has faded further."""
CUT_RATIO = 0.85


@dataclass
class Pace:
    """How fast one voice speaks one book, and whether its pieces end quietly, as learned so far."""

    chars_per_s: list[float] = field(default_factory=list)
    quiet_ends: list[bool] = field(default_factory=list)

    def learn(self, speech: Speech, text: str) -> None:
        """Learn from a piece that passed."""
        if len(text) >= SHORT_CHARS:
            self.chars_per_s.append(len(text) / speech.trimmed().seconds)
        self.quiet_ends.append(not _ends_loudly(speech))

    def expected_s(self, text: str) -> float | None:
        """How long `text` should take, once there is something to judge by."""
        if len(self.chars_per_s) < LEARNED_PIECES:
            return None
        return len(text) / median(self.chars_per_s)

    @property
    def ends_quietly(self) -> bool:
        """Whether the pieces of this voice end quietly, as a rule."""
        return len(self.quiet_ends) >= LEARNED_PIECES and sum(self.quiet_ends) >= 0.9 * len(self.quiet_ends)


def speech_fault(speech: Speech, text: str, pace: Pace) -> str | None:
    """What is wrong with a recording of `text`, in words that continue a sentence (`it is silent`).

    The quiet before and after speech is not part of its length.
    """
    speech = speech.trimmed()
    return next((fault for check in CHECKS if (fault := check(speech, text, pace))), None)


def is_silent(speech: Speech, _text: str, _pace: Pace) -> str | None:
    """A recording can be heard."""
    return None if speech.levels.max(initial=0) > SILENT_LEVEL else "it is silent"


def is_too_short(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording is long enough for its words."""
    least = len(text) / MAX_CHARS_PER_S
    expected = pace.expected_s(text)
    if expected is not None and len(text) >= SHORT_CHARS:
        least = max(least, MIN_RATIO * expected)
    return f"it lasts {speech.seconds:.1f} seconds for {len(text)} characters" if speech.seconds < least else None


def is_too_long(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording is not much longer than its words, which would be noise or words of its own."""
    most = len(text) / MIN_CHARS_PER_S + ROOM_S
    expected = pace.expected_s(text)
    if expected is not None:
        most = min(most, MAX_RATIO * expected + ROOM_S)
    return f"it lasts {speech.seconds:.1f} seconds for {len(text)} characters" if speech.seconds > most else None


def has_a_gap(speech: Speech, _text: str, _pace: Pace) -> str | None:
    """A recording has no silence inside that a listener would take for its end."""
    speaking = np.flatnonzero(speech.loud_windows)
    longest = float(np.diff(speaking).max(initial=0)) * WINDOW_S
    return f"it has {longest:.1f} seconds of silence inside" if longest > MAX_SILENCE_S else None


def is_cut_off(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording does not end in the middle of a word."""
    if not _ends_loudly(speech):
        return None
    expected = pace.expected_s(text)
    too_early = expected is not None and speech.seconds < CUT_RATIO * expected
    return "it breaks off in the middle of a word" if too_early or pace.ends_quietly else None


CHECKS: tuple[Callable[[Speech, str, Pace], str | None], ...] = (
    is_silent,
    is_too_short,
    is_too_long,
    has_a_gap,
    is_cut_off,
)


def _ends_loudly(speech: Speech) -> bool:
    levels = speech.levels
    if not len(levels):
        return False
    loud = float(np.percentile(levels, 95))
    return bool(levels[-END_WINDOWS:].mean() > loud * 10 ** (-LOUD_END_DB / 20))
