"""The sentence that is heard at a place, and the passage of the book that it rests on."""

from collections.abc import Sequence
from itertools import accumulate
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from bookbytes_pipeline.domain.sentences import sentences_of
from bookbytes_pipeline.domain.transcript import Cue
from bookbytes_pipeline.library.models import ChapterRow
from bookbytes_pipeline.library.queries import evidence_of_chapter


def sentence_heard(session: Session, chapter_id: UUID, language: str, seconds: float) -> tuple[str | None, str | None]:
    """Return the sentence of the chapter's summary at this second, and the best passage for it.

    Which sentence it is, the times of the clip say; where they are not known, its share of the text. None for what is
    not known.
    """
    chapter = session.get(ChapterRow, chapter_id)
    if chapter is None or not chapter.summary or not chapter.duration:
        return None, None
    evidence = session.scalar(evidence_of_chapter(chapter_id))
    passages = {found["sentence"]: found["spans"] for found in (evidence.sentences if evidence else [])}
    sentence = (
        spoken_at(msgspec.convert(chapter.transcript.cues, list[Cue]), seconds)
        if chapter.transcript
        else sentence_at(list(passages) or sentences_of(chapter.summary, language), seconds / chapter.duration)
    )
    spans = passages.get(sentence or "", [])
    return sentence, spans[0]["quote"] if spans else None


def spoken_at(cues: Sequence[Cue], seconds: float) -> str | None:
    """Return the text of the cue that is heard at this second, before all of them the first."""
    begun = [cue.text for cue in cues if cue.start <= seconds] or [cue.text for cue in cues[:1]]
    return begun[-1] if begun else None


def sentence_at(sentences: list[str], share: float) -> str | None:
    """Return the sentence in which this share (0 to 1) of all characters has been read."""
    ends = list(accumulate(len(sentence) for sentence in sentences))
    if not ends:
        return None
    read = share * ends[-1]
    return next((sentence for sentence, end in zip(sentences, ends, strict=True) if read < end), sentences[-1])
