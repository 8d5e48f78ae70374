"""Which language a text is in, by its letters and words, offline."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from bookbytes_pipeline.domain.words import count_words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MIN_WORDS = 20
MIN_TITLE_WORDS = 3
MIN_CONFIDENCE = 0.9
SAMPLE_CHARS = 6_000
_STANDARD = {"no": "nb", "wuu": "zh", "yue": "zh", "arz": "ar", "ary": "ar", "uzs": "uz", "sdh": "ku"}
_NO_LANGUAGE = frozenset({"zxx"})
_loading = Lock()


def detect_language(text: str, min_words: int = MIN_WORDS) -> str | None:
    """Return the language that the middle of `text` is surely in, as a tag such as `de`; None if it is not sure."""
    start = max(0, (len(text) - SAMPLE_CHARS) // 2)
    sample = text[start : start + SAMPLE_CHARS]
    if count_words(sample) < min_words:
        return None
    found, confidence = _identifier().classify(sample)
    return None if confidence < MIN_CONFIDENCE or found in _NO_LANGUAGE else _STANDARD.get(found, found)


def is_detectable(language: str) -> bool:
    """Return whether texts in a language, such as `de`, can be told from others."""
    return language in _labels()


def load_model() -> None:
    """Load the model of languages, which any other function here does when it is called first."""
    _identifier()


def _identifier() -> "LanguageIdentifier":
    with _loading:  # two threads would load it twice
        return _loaded()


@cache
def _loaded() -> "LanguageIdentifier":
    """Return the model of 140 languages; to load it takes most of a second and 100 MB, so only once and when needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - NumPy, only where text is read

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _labels() -> frozenset[str]:
    labels = frozenset(_identifier().labels)
    return labels | frozenset(_STANDARD[label] for label in labels & _STANDARD.keys())
