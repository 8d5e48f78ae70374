"""Recorded speech, checked before it becomes part of a clip: whether it can be heard and says all of its text.

Each check returns its fault in words, or None. How fast a voice speaks is learned from the pieces of the same book.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from bookbytes_pipeline.audio.speech import WINDOW_S, Speech

MIN_CHARS_PER_S, MAX_CHARS_PER_S = 2.0, 40.0
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
BREAKS_OFF = "it breaks off in the middle of a word"
ALIKE_RATIO = 0.05
EXCEPTIONS = 0.1

LETTERS_OF_A_WORD = 5
_EACH_A_WORD = re.compile(r"\d|\b[A-Z]{2,}\b|[%&+=/°€$£§\u00d7\u00f7]")


@dataclass
class Pace:
    """How fast one voice speaks one book, and whether its pieces end quietly, as learned so far."""

    chars_per_s: list[float] = field(default_factory=list)
    quiet_ends: list[bool] = field(default_factory=list)

    def learn(self, speech: Speech, text: str) -> None:
        """Learn from a piece that passed."""
        if len(text) >= SHORT_CHARS:
            self.chars_per_s.append(len(text) / speech.spoken.seconds)
        self.quiet_ends.append(not _ends_loudly(speech))

    @property
    def median(self) -> float | None:
        """How many characters the voice speaks in a second, once there is something to judge by."""
        return median(self.chars_per_s) if len(self.chars_per_s) >= LEARNED_PIECES else None

    @property
    def ends_quietly(self) -> bool:
        """Whether the pieces of this voice end quietly, as a rule."""
        pieces = len(self.quiet_ends)
        return pieces >= LEARNED_PIECES and pieces - sum(self.quiet_ends) <= max(1, EXCEPTIONS * pieces)


def speech_fault(speech: Speech, text: str, pace: Pace) -> str | None:
    """What is wrong with a recording of `text`, in words that continue a sentence (`it is silent`).

    The quiet before and after speech is not part of its length.
    """
    spoken = speech.spoken
    return next((fault for check in CHECKS if (fault := check(spoken, text, pace))), None)


def is_silent(speech: Speech, _text: str, _pace: Pace) -> str | None:
    """A recording can be heard."""
    return None if speech.levels.max(initial=0) > SILENT_LEVEL else "it is silent"


def is_too_short(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording is long enough for its words."""
    least = len(text) / MAX_CHARS_PER_S
    if pace.median is not None and len(text) >= SHORT_CHARS:
        least = max(least, MIN_RATIO * len(text) / pace.median)
    return f"it lasts {speech.seconds:.1f} seconds for {len(text)} characters" if speech.seconds < least else None


def is_too_long(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording is not much longer than its words, which would be noise or words of its own."""
    letters = letters_spoken(text)
    most = letters / MIN_CHARS_PER_S + ROOM_S
    if pace.median is not None and len(text) >= SHORT_CHARS:
        most = min(most, MAX_RATIO * letters / pace.median + ROOM_S)
    return f"it lasts {speech.seconds:.1f} seconds for {len(text)} characters" if speech.seconds > most else None


def has_a_gap(speech: Speech, _text: str, _pace: Pace) -> str | None:
    """A recording has no silence inside that a listener would take for its end."""
    speaking = np.flatnonzero(speech.loud_windows)
    longest = float(np.diff(speaking).max(initial=0)) * WINDOW_S
    return f"it has {longest:.1f} seconds of silence inside" if longest > MAX_SILENCE_S else None


def ends_early(speech: Speech, text: str, pace: Pace) -> str | None:
    """A recording that ends in the middle of a sound is at least about as long as its words."""
    if pace.median is None or not _ends_loudly(speech) or speech.seconds >= CUT_RATIO * len(text) / pace.median:
        return None
    return f"it breaks off after {speech.seconds:.1f} seconds for {len(text)} characters"


def breaks_off(speech: Speech, _text: str, pace: Pace) -> str | None:
    """A recording does not end in the middle of a sound, where this voice lets its words fade."""
    return BREAKS_OFF if pace.ends_quietly and _ends_loudly(speech) else None


CHECKS: tuple[Callable[[Speech, str, Pace], str | None], ...] = (
    is_silent,
    is_too_short,
    is_too_long,
    has_a_gap,
    ends_early,
    breaks_off,
)


def is_how_the_voice_ends(first: Speech, second: Speech, fault: str) -> bool:
    """Return whether two recordings of a text break off alike: then this is how the voice speaks its last word."""
    return fault == BREAKS_OFF and abs(first.seconds - second.seconds) <= ALIKE_RATIO * first.seconds


def letters_spoken(text: str) -> int:
    """The characters of `text`, and more for those of which each is a word: figures, signs, the letters of `DNA`."""
    return len(text) + LETTERS_OF_A_WORD * sum(map(len, _EACH_A_WORD.findall(text)))


def _ends_loudly(speech: Speech) -> bool:
    end = speech.levels[-END_WINDOWS:]
    return len(end) > 0 and bool(end.mean() > speech.loud_level * 10 ** (-LOUD_END_DB / 20))
