"""What a language model wrote, checked before it is kept as good.

Each check returns its fault as a sentence, for the model that is asked again and for people, or None.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bookbytes_pipeline.domain.evidence import SentenceEvidence
from bookbytes_pipeline.domain.language import language_instead_of, name_of
from bookbytes_pipeline.domain.words import UNSPACED, count_words, has_spaces
from bookbytes_pipeline.writing.repetition import distinct_words, repeated_sentence, repeats_phrases
from bookbytes_pipeline.writing.self_talk import is_refusal, self_talk
from bookbytes_pipeline.writing.terms import folded

MIN_SHARE, MAX_SHARE = 0.4, 2.0
"""Of the words that were asked for."""
SHORT_WORDS, ROOM_WORDS = 60, 15
"""A summary of fewer words may be so much shorter, and twice as much longer."""
MIN_REMEMBERED_WORDS = 20
"""From memory a model is asked to write less where it knows less."""
MIN_HEARABLE_SHARE = 0.15
"""Of the words that were asked for: whoever listens to less has heard nothing of the chapter."""
MIN_HEARABLE_WORDS = 8
"""As above, from memory."""
MIN_DISTINCT_SHARE = 0.25
"""Of all words of a summary: whoever hears each sentence more than four times stops listening."""
MAX_APOLOGY_WORDS = 80
MAX_COPIED_WORDS = 25
MAX_ECHOED_WORDS = 12
MIN_COVERED_WORDS = 150
"""In a shorter summary each third of the chapter has a sentence or two, which may rest on another."""
MIN_SUPPORT = 0.15
"""Of a sentence: no right one of the labelled set has less, and one in nine about another book (`make truth`)."""
MIN_JUDGED_WORDS = 8
"""A shorter sentence, such as `Was something lost? Perhaps.`, often leads from one thought to the next."""
_THIRDS = ("beginning", "middle", "end")
_MAX_QUOTED_CHARS = 80

_END = re.compile(
    r"(?:[.!?\u2026\u0589\u06d4\u061f\u0964\u0965\u1362\u3002\uff01\uff0e\uff1f\uff61]|[\u300d\u300f\u2026])"
    r"(?:\s?[\"'\u2018-\u201f\u00ab\u00bb\u2039\u203a)\]\u3009\u300b\u300d\u300f\u3011\uff09*_])*$"
)
_GREEK_QUESTION_MARKS = (";", "\u037e")
_WITHOUT_STOPS = frozenset({"th", "lo", "km", "my", "dz", "bo", "jv"})
"""Languages whose sentences end with a space, or with marks of their own."""
_MARKUP = re.compile(
    r"<\|[^|<>]{1,40}\|?>|</?[a-z][a-z0-9_-]{0,20}\s?/?>|\[/?INST\]|```|\"(?:summary|known)\"\s*:|\\n|\{\s*\"|\$\$|\\\(|\\begin\{"
)
_UNIT = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
"""Where a script has no spaces each character is one, and two of them are a word."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A summary that was written and is not yet kept.

    `words` is the length that was asked for, `source` the text that it is about (empty from memory), `titles` what it
    may not merely repeat (book, author, chapter), `instructions` what the model was told. `evidence` is that of a
    summary from the text, `unsupported` are its names and numbers that the text lacks.
    """

    text: str
    words: int
    language: str
    titles: Sequence[str] = ()
    instructions: str = ""
    source: str = ""
    evidence: tuple[SentenceEvidence, ...] = ()
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a draft, as a sentence; `fatal` if it leaves nothing worth hearing."""

    check: str
    sentence: str
    fatal: bool = False


def faults_in(draft: Draft) -> tuple[Fault, ...]:
    """Return everything that is wrong with `draft`; only what leaves nothing worth hearing, where there is any."""
    fatal = tuple(_found(draft, FATAL_CHECKS, fatal=True))
    return fatal or tuple(_found(draft, CHECKS, fatal=False))


def _found(draft: Draft, checks: Sequence[Callable[[Draft], str | None]], *, fatal: bool) -> Iterator[Fault]:
    for check in checks:
        if sentence := check(draft):
            yield Fault(check.__name__, sentence, fatal)


def without_words(draft: Draft) -> str | None:
    """A summary has words."""
    return None if any(map(str.isalpha, draft.text)) else "It has no words."


def refusal(draft: Draft) -> str | None:
    """A summary is not an apology for writing none."""
    if is_refusal(draft.text) and count_words(draft.text) <= MAX_APOLOGY_WORDS:
        return f"It declines instead of summarising: {_quoted(draft.text)}."
    return None


def title_only(draft: Draft) -> str | None:
    """A summary says more than the names of the book, its author and its chapter."""
    title_words = set(re.findall(r"\w+", folded(" ".join(draft.titles))))
    said = set(re.findall(r"\w+", folded(draft.text)))
    return f"It only repeats titles: {_quoted(draft.text)}." if said and said <= title_words | {"the", "by"} else None


def next_to_nothing(draft: Draft) -> str | None:
    """A summary has a length that can be listened to, not counting what it says again."""
    words = distinct_words(draft.text, draft.language)
    least = MIN_HEARABLE_SHARE * draft.words if draft.source else MIN_HEARABLE_WORDS
    if words >= max(least, MIN_DISTINCT_SHARE * count_words(draft.text)):
        return None
    return f"It says next to nothing: {words} words instead of about {draft.words}, not counting repeated sentences."


def wrong_length(draft: Draft) -> str | None:
    """A summary is about as long as it was asked to be."""
    words, room = count_words(draft.text), ROOM_WORDS if draft.words < SHORT_WORDS else 0
    least = MIN_SHARE * draft.words - room if draft.source else MIN_REMEMBERED_WORDS
    if words < least:
        return f"It is too short: {words} words instead of about {draft.words}."
    if words > MAX_SHARE * draft.words + 2 * room:
        return f"It is too long: {words} words instead of about {draft.words}."
    return None


def cut_off(draft: Draft) -> str | None:
    """A summary ends with a whole sentence."""
    language, text = draft.language.partition("-")[0].lower(), draft.text.rstrip()
    if language in _WITHOUT_STOPS or _END.search(text) or (language == "el" and text.endswith(_GREEK_QUESTION_MARKS)):
        return None
    return f"It breaks off in the middle of a sentence: …{text[-_MAX_QUOTED_CHARS // 2 :]}"


def other_language(draft: Draft) -> str | None:
    """A summary is in the language in which it will be spoken."""
    found = language_instead_of(draft.language, draft.text)
    return f"It is in {name_of(found)} instead of {name_of(draft.language)}." if found else None


def repetition(draft: Draft) -> str | None:
    """A summary does not say the same again and again."""
    if sentence := repeated_sentence(draft.text, draft.language):
        return f"It says the same again and again: {_quoted(sentence)}."
    return "It repeats its phrases again and again." if repeats_phrases(draft.text, draft.language) else None


def talk_about_itself(draft: Draft) -> str | None:
    """A summary speaks of the matter, not of itself, its length or its writer."""
    said = self_talk(draft.text) or (draft.text if is_refusal(draft.text) else None)
    return f"It talks about itself or the text instead of the matter: {_quoted(said)}." if said else None


def echo(draft: Draft) -> str | None:
    """A summary does not recite what its writer was told."""
    if run := _common_run(draft.text, draft.instructions, MAX_ECHOED_WORDS):
        return f"It recites the instructions: {_quoted(run)}."
    first, *others = draft.text.splitlines()
    is_heading = others and _bare(first) in {_bare(title) for title in draft.titles}
    return f"It begins with a heading, which is spoken already: {_quoted(first)}." if is_heading else None


def leftover_markup(draft: Draft) -> str | None:
    """A summary is plain text."""
    found = _MARKUP.search(draft.text)
    return f"It has markup in it: {found[0]}" if found else None


def copied(draft: Draft) -> str | None:
    """A summary is in words of its own."""
    run = _common_run(draft.text, draft.source, MAX_COPIED_WORDS + 1)
    return f"It copies more than {MAX_COPIED_WORDS} words in a row from the chapter: {_quoted(run)}." if run else None


def unsupported_claims(draft: Draft) -> str | None:
    """The names and numbers of a summary stand in its chapter."""
    if not draft.unsupported:
        return None
    return f"Names or numbers in it do not stand in the chapter: {', '.join(draft.unsupported[:10])}."


def unsupported_sentences(draft: Draft) -> str | None:
    """Each sentence of a summary has a passage of its chapter."""
    found = [found.sentence for found in draft.evidence if lacks_passage(found)]
    if not found:
        return None
    return f"Sentences in it have no passage in the chapter: {' '.join(map(_quoted, found[:5]))}."


def lacks_passage(found: SentenceEvidence) -> bool:
    """Return whether a sentence resembles no passage of its chapter."""
    return found.support < MIN_SUPPORT and count_words(found.sentence) >= MIN_JUDGED_WORDS


def parts_left_out(draft: Draft) -> str | None:
    """Beginning, middle and end of a chapter are all represented, by the best passage of a sentence each."""
    if not draft.evidence or draft.words < MIN_COVERED_WORDS:
        return None
    starts = [span.start for found in draft.evidence for span in found.spans[:1]]
    present = {min(2, 3 * start // len(draft.source)) for start in starts}
    missing = [name for third, name in enumerate(_THIRDS) if third not in present]
    return f"It says nothing of the {' and the '.join(missing)} of the chapter." if missing else None


FATAL_CHECKS = (without_words, refusal, title_only, next_to_nothing)
CHECKS = (
    *(wrong_length, cut_off, other_language, repetition, talk_about_itself, echo, leftover_markup, copied),
    *(unsupported_claims, unsupported_sentences, parts_left_out),
)


def _common_run(text: str, source: str, length: int) -> str | None:
    """Return the first `length` words in a row that both texts have, as they are in `text`."""
    if not source:
        return None
    units, others = list(_UNIT.finditer(text)), [_bare(unit[0]) for unit in _UNIT.finditer(source)]
    if not has_spaces(source):
        length *= 2
    runs = {tuple(others[start : start + length]) for start in range(len(others) - length + 1)}
    bare = [_bare(unit[0]) for unit in units]
    starts = range(len(units) - length + 1)
    found = next((start for start in starts if tuple(bare[start : start + length]) in runs), None)
    return None if found is None else text[units[found].start() : units[found + length - 1].end()]


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    return f"“{plain[:_MAX_QUOTED_CHARS]}{'…' if len(plain) > _MAX_QUOTED_CHARS else ''}”"
