"""In which language a book is summarized and spoken, and why."""

from bookbytes_pipeline.domain.book import Book, BookText
from bookbytes_pipeline.domain.language import FALLBACK, LanguageChoice, are_alike, name_of
from bookbytes_pipeline.domain.language_detection import MIN_TITLE_WORDS, detect_language


def spoken_language(book: Book, text: BookText | None) -> LanguageChoice:
    """Choose the language of summaries and voice: the text's, else the catalogue's, else the title's, else English."""
    if text is not None and text.language:
        reason = text.language_reason or f"The text's file says {name_of(text.language)}."
        if book.language and not are_alike(book.language, text.language):
            return LanguageChoice(
                text.language, f"{reason} The catalogue says {name_of(book.language)}.", doubtful=True
            )
        return LanguageChoice(text.language, reason)
    if book.language:
        return LanguageChoice(book.language, f"The catalogue says {name_of(book.language)}.")
    title = f"{book.title} {book.subtitle or ''}"
    if found := detect_language(title, MIN_TITLE_WORDS):
        return LanguageChoice(found, f"The title is {name_of(found)}, and nothing else tells the language.")
    return LanguageChoice(
        FALLBACK,
        f"Neither text, catalogue nor title tells the language of the book, so {name_of(FALLBACK)} is spoken.",
        doubtful=True,
    )
