"""Places in a book, as a chapter and the seconds in it, or as the seconds from the book's start.

A place is kept as the former: chapters are made anew with other lengths, and one that is made later moves all that
follow it. The latter is what players of whole books show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_LAST_SECONDS = 10.0
_FINISHED_SHARE = 0.98


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a book: the number of a chapter and the seconds in it. Places are ordered as they are heard."""

    chapter_number: int
    seconds: float


@dataclass(frozen=True)
class Timeline:
    """The lengths in seconds of a book's chapters by their numbers, in order; 0 for one without a clip.

    `is_complete` is false for a book of which chapters are still to be made.
    """

    lengths: Mapping[int, float]
    is_complete: bool = True

    @cached_property
    def duration(self) -> float:
        """The seconds of the whole book."""
        return _milliseconds(sum(self.lengths.values()))

    def seconds_from_start(self, place: Place) -> float:
        """Return how many seconds of the book are before this place, which is moved into the book first."""
        inside = self.nearest(place)
        before = sum(length for number, length in self.lengths.items() if number < inside.chapter_number)
        return _milliseconds(before + inside.seconds)

    def place_at(self, seconds_from_start: float) -> Place:
        """Return the place that many seconds from the start; the end for what is beyond it.

        Where one chapter ends and another begins, it is the beginning. In a book without clips it is its start.
        """
        left = max(seconds_from_start, 0.0)
        for number, length in self.lengths.items():
            if left < length:
                return Place(number, _milliseconds(left))
            left = _milliseconds(left - length)
        return self._end

    def nearest(self, place: Place) -> Place:
        """Return the place itself; the end of the chapter if that is shorter, or of the one before it if it is gone."""
        known = [number for number in self.lengths if number <= place.chapter_number]
        if not known:
            return Place(min(self.lengths, default=1), 0.0)
        last = known[-1]
        within = place.seconds if last == place.chapter_number else self.lengths[last]
        return Place(last, _milliseconds(min(max(within, 0.0), self.lengths[last])))

    def is_end(self, place: Place) -> bool:
        """Return whether who came this far has heard the book: its last 10 seconds or 98 % of it, never a partial one.

        Of a book of less than 20 seconds the last 10 would be more than half of it: there only the 98 % count.
        """
        if not (self.is_complete and self.duration):
            return False
        enough = _FINISHED_SHARE * self.duration
        if self.duration >= 2 * _LAST_SECONDS:
            enough = min(enough, self.duration - _LAST_SECONDS)
        return self.seconds_from_start(place) >= _milliseconds(enough)

    @property
    def _end(self) -> Place:
        heard = [number for number, length in self.lengths.items() if length] or [min(self.lengths, default=1)]
        return Place(heard[-1], self.lengths.get(heard[-1], 0.0))


def _milliseconds(seconds: float) -> float:
    """Round to what players tell apart, so that sums of lengths can be compared."""
    return round(seconds, 3)
