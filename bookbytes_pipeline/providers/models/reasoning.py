"""What a language model wrote for itself, beside its answer: its reasoning, and the marks of its chat template.

A server that knows its model keeps both out of the content. Others hand on what the model wrote, byte by byte, and
their templates often swallow the opening tag, so that only the closing one is left. Each function reads a text once.
"""

import re
from collections import deque

_TAGS = r"(?:seed:|mm:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|analysis|scratchpad)"
_MARK = re.compile(
    rf"(?P<opening><{_TAGS}(?:\s[^<>]{{0,40}})?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>)"
    rf"|</{_TAGS}\s?>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"<\|channel\|>\s{0,9}(?P<name>\w{1,20})[^<|]{0,40}(?:<\|constrain\|>[^<|]{0,40})?<\|message\|>"
    r"|(?P<final>assistantfinal)"  # what is left where a server removes the marks alone
)
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|end|return|call|eot_id|eom_id|endoftext|end_of_text|end_of_turn|eot|END_OF_TURN_TOKEN)\|>"
    r"|</?im_end\s?/?>|<end_of_turn>|<end_of_sentence>|</s>|<\uff5cend\u2581of\u2581sentence\uff5c>",
    re.IGNORECASE,
)
TEMPLATE = re.compile(
    r"<\|[^|<>]{1,40}\|>|<\uff5c[^<>]{1,40}\uff5c>|</?(?:im_start|im_end|start_of_turn|end_of_turn|s|bos|eos)\s?/?>"
    r"|\[/?INST\]",
    re.IGNORECASE,
)


def without_reasoning(text: str) -> str:
    """What `text` says outside of its reasoning; empty where nothing but reasoning was written."""
    text = _last_channel(text)
    kept: list[str] = []
    inside, end = False, 0
    for mark in _MARK.finditer(text):
        if mark["opening"]:
            kept.extend([] if inside else [text[end : mark.start()]])
        elif not inside:
            kept.clear()  # only the closing tag is there: the reasoning began with the text
        inside, end = bool(mark["opening"]), mark.end()
    return "".join(kept if inside else [*kept, text[end:]])


def without_template(text: str) -> str:
    """Return `text` up to the mark that ends a turn, without the other marks of chat templates."""
    end = _END_OF_TURN.search(text)
    return without_marks(text[: end.start()] if end and text[: end.start()].strip() else text)


def without_marks(text: str) -> str:
    """Return all of `text`, without the marks of chat templates."""
    return TEMPLATE.sub("", text)


def _last_channel(text: str) -> str:
    """What stands in the last channel, if that is the final one; empty where a harmony model only wrote analysis."""
    last = next(iter(deque(_CHANNEL.finditer(text), maxlen=1)), None)
    if last is None:
        return text
    return text[last.end() :] if last["final"] or last["name"] == "final" else ""
