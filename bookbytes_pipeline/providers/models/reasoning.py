"""What a model thinks aloud, which is never its answer, and the marks of chat templates around and inside answers."""

import re

_TAG = "think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad"
_CLOSED = re.compile(
    rf"<(?P<tag>{_TAG})\b[^<>]{{0,40}}>.*?</(?P=tag)\s*>|\[THINK\].*?\[/THINK\]|◁think▷.*?◁/think▷",
    re.DOTALL | re.IGNORECASE,
)
_END = re.compile(rf"</(?:{_TAG})\s*>|\[/THINK\]|◁/think▷", re.IGNORECASE)
_START = re.compile(rf"<(?:{_TAG})\b[^<>]{{0,40}}>|\[THINK\]|◁think▷", re.IGNORECASE)
_FINAL = re.compile(r"<\|channel\|>\s*final\b[^<>]{0,80}<\|message\|>")
_CHANNEL = re.compile(r"<\|channel\|>")
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|end|return|call|eot_id|eom_id|endoftext|end_of_text|end_of_turn|eot|END_OF_TURN_TOKEN)\|>"
    r"|</?im_end\s?/?>|<end_of_turn>|<end_of_sentence>|</s>",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"<\|[^|<>]{1,40}\|>|</?(?:im_start|im_end|start_of_turn|end_of_turn|s|bos|eos)\s?/?>|\[/?INST\]", re.IGNORECASE
)


def without_reasoning(text: str) -> str:
    """Return what comes after a model's thinking; after a tag that is never closed nothing does."""
    text = _CLOSED.sub("", _final_channel(text))
    ends = list(_END.finditer(text))
    text = text[ends[-1].end() :] if ends else text
    start = _START.search(text)
    return text[: start.start()] if start else text


def inside_reasoning(text: str) -> str:
    """Return all of `text` without the marks of thinking before it: some models never come out, and answer inside."""
    begin = text.find("{")
    return _START.sub("", _END.sub("", text[:begin])) + text[begin:] if begin >= 0 else ""


def without_template(text: str) -> str:
    """Return `text` up to the mark that ends a turn, without the other marks of chat templates."""
    end = _END_OF_TURN.search(text)
    return _TEMPLATE.sub("", text[: end.start()] if end and text[: end.start()].strip() else text)


def _final_channel(text: str) -> str:
    """Return the final channel of a text in OpenAI's harmony format; all of any other text."""
    final = list(_FINAL.finditer(text))
    if final:
        return text[final[-1].end() :]
    return "" if _CHANNEL.search(text) else text
