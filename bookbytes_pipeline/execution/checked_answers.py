"""Answers of a language model that pass the text gate, or of which the better of two is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bookbytes_pipeline.domain.errors import PoorSummary, Refused, UnusableAnswer
from bookbytes_pipeline.domain.summary import Summary, TokenUsage
from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.providers.response_cache import CachingModel
from bookbytes_pipeline.writing.judging import Judge, Judged, better
from bookbytes_pipeline.writing.second_try import second_request

Read = Callable[[Mapping[str, Any]], Summary]


@dataclass
class Spending:
    """What a number of answers cost together, and what the model called itself in the last of them.

    `is_reused` says whether all of them had been given before.
    """

    model: str = ""
    usage: TokenUsage = field(default_factory=TokenUsage)
    is_reused: bool = True


async def ask(model: CachingModel, judge: Judge, read: Read, spent: Spending) -> Judged:
    """Return the answer to the judge's request; asked for once more, with the faults named, if it has any.

    Raises `PoorSummary` where neither is worth hearing; both are then forgotten, so that a later run asks anew.
    """
    request = judge.request
    first = judge.judge(read(await _answer(model, request, spent)))
    if not first.faults:
        return first
    again = second_request(request, first.faults)
    try:
        second = judge.judge(read(await _answer(model, again, spent)))
    except (Refused, UnusableAnswer):
        if not first.is_hearable:
            raise
        return first
    best = better(first, second)
    if best.is_hearable or not second.summary.known:
        return best if best.is_hearable else second
    await model.discard(request)
    await model.discard(again)
    faults = " ".join(fault.sentence for fault in (second.faults or first.faults))
    raise PoorSummary(
        f"The language model {model.model} wrote nothing worth hearing, although it was asked twice. {faults} "
        "Try again, or choose another model (OPENAI_MODEL)."
    )


async def _answer(model: CachingModel, request: WritingRequest, spent: Spending) -> Mapping[str, Any]:
    answer = await model.write(request)
    spent.model, spent.usage = answer.model, spent.usage + answer.usage
    spent.is_reused = spent.is_reused and answer.is_cached
    return answer.content
