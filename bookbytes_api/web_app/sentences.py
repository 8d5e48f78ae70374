"""The sentences of a summary as a page shows them: when each is spoken, and which passages it rests on."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bookbytes_api.books.evidence import SentenceEvidence
from bookbytes_pipeline.domain.sentences import sentences_of
from bookbytes_pipeline.domain.transcript import Cue

_LOOKS_AHEAD = 4
"""How many sentences of the clip may be missing from the summary in one place."""
_ENOUGH = 0.8
"""The share of the sentences that have to be found in the clip, or else they are another text's."""


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence. `start` is the second of the clip at which it begins, None where that is not known."""

    text: str
    start: float | None
    begins_paragraph: bool
    passages: tuple[str, ...] = ()


def read_sentences(
    summary: str, title: str, language: str, cues: Sequence[Cue], evidence: Iterable[SentenceEvidence]
) -> list[ReadSentence]:
    """Return the sentences of a summary in order.

    The clip says them with other spaces and without markup, so they are compared by their letters. Where too few of
    them are in the clip, the summary has been written anew since: then what the clip says is shown.
    """
    passages = {_letters(found.sentence): tuple(span.quote for span in found.spans) for found in evidence}
    written = list(_written(summary, language))
    starts = list(_starts([text for text, _ in written], cues))
    if cues and sum(start is not None for start in starts) < _ENOUGH * len(written):
        spoken = [cue for cue in cues if _letters(cue.text) != _letters(title)]
        written, starts = [(cue.text, False) for cue in spoken], [cue.start for cue in spoken]
    return [
        ReadSentence(text, start, begins_paragraph, _passages(text, passages))
        for (text, begins_paragraph), start in zip(written, starts, strict=True)
    ]


def _written(summary: str, language: str) -> Iterator[tuple[str, bool]]:
    """Yield each sentence, and whether a paragraph begins with it."""
    for paragraph in re.split(r"\n\s*\n", summary):
        for place, sentence in enumerate(sentences_of(paragraph, language)):
            yield sentence, place == 0


def _starts(sentences: Iterable[str], cues: Sequence[Cue]) -> Iterator[float | None]:
    """Yield when each sentence begins: both are in the same order, and some cues are of no sentence (the title)."""
    spoken = [_letters(cue.text) for cue in cues]
    place = 0
    for sentence in sentences:
        near = spoken[place : place + _LOOKS_AHEAD]
        wanted = _letters(sentence)
        if wanted in near:
            place += near.index(wanted) + 1
            yield cues[place - 1].start
        else:
            yield None


def _passages(sentence: str, passages: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return passages.get(_letters(sentence), ())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
