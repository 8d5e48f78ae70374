"""What a chat completion says, whoever sent it.

The SDK does not check answers: from a careless server it passes on strings, missing parts and parts of other types.
"""

from typing import Any

from bookbytes_pipeline.domain.errors import Refused, UnusableAnswer
from bookbytes_pipeline.domain.summary import TokenUsage


def text_in(completion: Any, server: str) -> str:
    """The text of the first choice.

    Raises `Refused` where the model declines, which comes as a success, and `UnusableAnswer` where the text is missing
    or was cut off.
    """
    choice = next(iter(getattr(completion, "choices", None) or ()), None)
    message = getattr(choice, "message", None)
    ending = getattr(choice, "finish_reason", None)
    if ending == "content_filter" or getattr(message, "refusal", None):
        raise Refused(f"{server} declines to write this. Another model may accept it (OPENAI_MODEL).")
    if ending == "length":
        raise UnusableAnswer(f"{server} ran out of room before its answer was complete.", retry_after=0)
    text = getattr(message, "content", None)
    if not isinstance(text, str) or not text.strip():
        raise UnusableAnswer(f"{server} answered without any text.", retry_after=0)
    return text


def usage_of(completion: Any) -> TokenUsage:
    """One call and the tokens it cost; 0 tokens where the server does not count them."""
    counted = getattr(completion, "usage", None)
    return TokenUsage(1, _tokens(counted, "prompt_tokens"), _tokens(counted, "completion_tokens"))


def _tokens(counted: Any, kind: str) -> int:
    tokens = getattr(counted, kind, None)
    return tokens if isinstance(tokens, int) else 0
