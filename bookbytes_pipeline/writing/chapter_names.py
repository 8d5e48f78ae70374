"""What a chapter with a number is called."""

_CHAPTER = {
    "cs": "{}. kapitola",
    "da": "Kapitel {}",
    "de": "Kapitel {}",
    "en": "Chapter {}",
    "es": "Capítulo {}",
    "fi": "Luku {}",
    "fr": "Chapitre {}",
    "it": "Capitolo {}",
    "ja": "第{}章",
    "ko": "제{}장",
    "nb": "Kapittel {}",
    "nl": "Hoofdstuk {}",
    "no": "Kapittel {}",
    "pl": "Rozdział {}",
    "pt": "Capítulo {}",
    "ro": "Capitolul {}",
    "ru": "Глава {}",
    "sv": "Kapitel {}",
    "tr": "Bölüm {}",
    "uk": "Розділ {}",
    "zh": "第{}章",
}
"""In other languages the number stands alone."""


def numbered_chapter(number: int, language: str) -> str | None:
    """Return "Chapter 4" in a language such as "en"; None if it is not known there."""
    template = _CHAPTER.get(language)
    return template.format(number) if template else None


def chapter_word(language: str) -> str | None:
    """Return "chapter" in a language where the number follows the word; else None."""
    word, _, number = _CHAPTER.get(language, "").partition(" ")
    return word.casefold() if number == "{}" else None
