"""Asking once more for what failed the text gate."""

from collections.abc import Sequence
from dataclasses import replace

from bookbytes_pipeline.domain.writing_request import WritingRequest
from bookbytes_pipeline.writing.prompts import prompt
from bookbytes_pipeline.writing.text_gate import Fault


def second_request(request: WritingRequest, faults: Sequence[Fault]) -> WritingRequest:
    """The same request once more, with what was wrong with the first answer."""
    named = "\n".join(f"- {fault.sentence}" for fault in faults)
    asked = prompt("second_try").fill(instructions=request.instructions, question=request.prompt, faults=named)
    return replace(request, instructions=asked.instructions, prompt=asked.question)
