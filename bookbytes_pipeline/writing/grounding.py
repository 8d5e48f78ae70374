"""Whether a summary stays with its chapter: names and numbers that the chapter does not contain are suspect."""

import re
import unicodedata

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[\w,;:] )[^\W\d_a-z][\w\u2019'-]+")  # a capital inside a sentence, not at its start


def unsupported_terms(summary: str, text: str, title: str) -> tuple[str, ...]:
    """The names and numbers of `summary` that stand neither in `text` nor in `title`, each once, in order.

    Only words that begin with a capital inside a sentence count as names, so languages without capitals give none.
    German capitalises all nouns; there a paraphrase is listed too, which is why this is a hint and not a verdict.
    """
    source = _folded(f"{title} {text}")
    words = set(re.findall(r"\w+", source))
    numbers = set(map(_plain_number, _NUMBER.findall(source)))
    doubtful = [number for number in _NUMBER.findall(summary) if _plain_number(number) not in numbers]
    doubtful += [name for name in _NAME.findall(summary) if not _stands_in(name, words)]
    return tuple(dict.fromkeys(doubtful))


def _stands_in(name: str, words: set[str]) -> bool:
    parts = re.findall(r"\w+", re.sub(r"[\u2019']s$", "", _folded(name)))
    return all(part in words or part.removesuffix("s") in words for part in parts)


def _plain_number(number: str) -> str:
    return re.sub(r"[.,](?=\d{3}\b)", "", number)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
