"""An estimate that counts down. Pure."""

from dataclasses import dataclass
from datetime import datetime

MAX_DELAY = 2.0
MAX_DELAY_S = 20.0


@dataclass(frozen=True, slots=True)
class Countdown:
    """So many `seconds` are left at `at`, and fewer as time goes by: down to `floor`, until something is finished.

    `floor` is what is left after that, so a chapter that takes longer than it should makes the estimate wait.
    """

    at: datetime
    seconds: float
    floor: float = 0.0

    def left(self, now: datetime) -> float:
        """Return the seconds that are left `now`."""
        passed = max(0.0, (now - self.at).total_seconds())
        return max(self.floor, self.seconds - passed)


def revise(shown: Countdown | None, at: datetime, seconds: float, next_seconds: float) -> Countdown:
    """Return the countdown from `at`, when `seconds` seem to be left and the next report is due in `next_seconds`.

    People have seen `shown`, if anything: a somewhat later end does not make it rise. It falls more slowly instead,
    by the same share for each report, and is there in time all the same. Only if the rest takes more than `MAX_DELAY`
    times as long as shown, and `MAX_DELAY_S` longer, is that said.
    """
    said = seconds if shown is None else _held(shown.left(at), seconds)
    share = min(1.0, next_seconds / seconds) if seconds > 0 else 1.0
    return Countdown(at, said, said * (1 - share))


def _held(shown: float, seconds: float) -> float:
    is_far_off = seconds > MAX_DELAY * shown and seconds > shown + MAX_DELAY_S
    return seconds if is_far_off else min(shown, seconds)
