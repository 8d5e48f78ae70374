"""Text that says the same again and again, as language models do when they lose the thread."""

from collections import Counter

from bookbytes_pipeline.domain.sentences import sentences_of
from bookbytes_pipeline.domain.words import count_words, has_spaces
from bookbytes_pipeline.writing.terms import terms_of

_PHRASE_TERMS, _UNSPACED_PHRASE_TERMS = 5, 15
"""In a script without spaces a term is a pair of letters, and a single name has five of them."""
_MAX_REPEATED_SHARE = 0.2
"""Of phrases that stood in the text before: prose repeats hardly any."""
_MIN_PHRASES = 36
"""In a shorter text a refrain is chance."""
_MAX_SAME_SENTENCE = 2
_MIN_SENTENCE_WORDS = 4


def repeated_sentence(text: str, language: str) -> str | None:
    """Return a sentence that stands in `text` more than twice; None if there is none."""
    counts = Counter(_distinct_form(sentence) for sentence in sentences_of(text, language))
    return next(
        (
            sentence
            for sentence, count in counts.items()
            if count > _MAX_SAME_SENTENCE and count_words(sentence) >= _MIN_SENTENCE_WORDS
        ),
        None,
    )


def repeats_phrases(text: str, language: str) -> bool:
    """Return whether a fifth of the phrases of `text` stood in it before."""
    terms = terms_of(text, language)
    length = _PHRASE_TERMS if has_spaces(text) else _UNSPACED_PHRASE_TERMS
    phrases = [tuple(terms[start : start + length]) for start in range(len(terms) - length + 1)]
    return len(phrases) >= _MIN_PHRASES and 1 - len(set(phrases)) / len(phrases) > _MAX_REPEATED_SHARE


def distinct_words(text: str, language: str) -> int:
    """Return the length of `text` in words if each sentence counts once."""
    return sum(map(count_words, dict.fromkeys(map(_distinct_form, sentences_of(text, language)))))


def _distinct_form(sentence: str) -> str:
    return " ".join(sentence.casefold().split())
