"""What a sentence of a passage leans on, and whether it says something to a listener at all."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, takewhile

from bookbytes_pipeline.providers.models.reference_words import REFERENCE_WORDS, ReferenceWords
from bookbytes_pipeline.providers.models.sentences import is_question, starts_with_speech, words_of

_MIN_COMPOUND_PART_CHARS = 4
"""`The dial` may be the `sundial` before, but `the art` is not a `part`."""

_MAX_PHRASE_WORDS = 3
"""Between an article and its noun stand few adjectives."""

_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[^\w\s]")
_PLURALS = re.compile(
    r"(?i:and|people|men|women|children|those|who|all|many|few|some|most|both|others)$|\w{2,}[^\Wsui]s$"
)
_CLAUSE_END = re.compile(r"[,;:—–(]")  # noqa: RUF001 - dashes of typography
_NUMBER = re.compile(r"\d")


def sentences_needed(sentence: str, before: Sequence[str], language: str) -> int:
    """Return how many of the sentences `before` it in its paragraph `sentence` leans on.

    More than there are if what it refers to has been said in an earlier paragraph.
    """
    plain, words = _plain(sentence), REFERENCE_WORDS.get(language)
    follows = bool(before) and (_calls(before[-1], language) or _continues(plain, words))
    if starts_with_speech(sentence) or follows or _leans(plain, words):
        return max(1, _distance_of_introduction(plain, before, words))
    return _distance_of_introduction(plain, before, words)


def announces_list(sentence: str, language: str) -> bool:
    """Whether `sentence` promises what only the next ones say."""
    words = REFERENCE_WORDS.get(language)
    return sentence.endswith(":") or bool(words and words.announcement.search(_plain(sentence)))


def is_about_the_book(sentence: str, language: str) -> bool:
    """Whether `sentence` speaks of its chapter, of pages or pictures, which a listener does not have."""
    words = REFERENCE_WORDS.get(language)
    return bool(words and words.own_pages.search(_plain(sentence)))


def _calls(sentence: str, language: str) -> bool:
    return is_question(sentence) or announces_list(sentence, language)


def _plain(sentence: str) -> str:
    return sentence.replace("’", "'")  # noqa: RUF001 - the apostrophe of typography


def _leans(sentence: str, words: ReferenceWords | None) -> bool:
    if words is None:
        return False
    tokens = [token.lower() for token in words_of(sentence)]
    return (
        not words.backward.isdisjoint(_opening(tokens, words))
        or _lacks_plural(tokens, words)
        or words.leaning.search(sentence) is not None
    )


def _continues(sentence: str, words: ReferenceWords | None) -> bool:
    """Whether `sentence` goes on with the one before; at the start of a paragraph the same words begin something."""
    if words is None:
        return False
    first_clause = {token.lower() for token in words_of(_CLAUSE_END.split(sentence, maxsplit=1)[0])}
    return not words.personal.isdisjoint(first_clause) or words.continuing.match(sentence) is not None


def _opening(tokens: Sequence[str], words: ReferenceWords) -> Iterator[str]:
    """The first two words, and the others up to the first with a meaning; elided ones (`qu'il`) also part by part."""
    has_meaning = False
    for number, token in enumerate(tokens):
        parts = re.split("['-]", token)
        yield from (token, *parts)
        has_meaning = has_meaning or not (_NUMBER.search(token) or words.light.issuperset(parts))
        if number and has_meaning:
            return


def _lacks_plural(tokens: Sequence[str], words: ReferenceWords) -> bool:
    """Whether `they` or `their` stands before any word that they could mean."""
    for token in tokens:
        if token in words.plural:
            return True
        if _PLURALS.match(token):
            return False
    return False


def _distance_of_introduction(sentence: str, before: Sequence[str], words: ReferenceWords | None) -> int:
    """How far before `sentence` the nearest sentence is that introduces what it names: `a watch`, then `the watch`."""
    if words is None or not before:
        return 0
    named = _nouns(sentence, words.definite, words) - _nouns(sentence, words.indefinite, words)
    for distance, earlier in enumerate(reversed(before), 1):
        introduced = _nouns(_plain(earlier), words.indefinite, words)
        if any(_is_same(noun, other) for noun in named for other in introduced):
            return distance
    return 0


def _nouns(sentence: str, articles: AbstractSet[str], words: ReferenceWords) -> frozenset[str]:
    """The few words after each of the `articles` in `sentence`, without words that cannot be nouns."""
    tokens = [token.lower() for token in _TOKEN.findall(sentence)]
    phrases = (
        _phrase(tokens[number : number + _MAX_PHRASE_WORDS], words)
        for number, token in enumerate(tokens[:-1], 1)
        if token in articles
    )
    return frozenset(chain.from_iterable(phrases))


def _phrase(tokens: Sequence[str], words: ReferenceWords) -> Iterator[str]:
    return takewhile(lambda token: token[0].isalpha() and token not in words.light, tokens)


def _is_same(noun: str, introduced: str) -> bool:
    return noun == introduced or (len(noun) >= _MIN_COMPOUND_PART_CHARS and introduced.endswith(noun))
