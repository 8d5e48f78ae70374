"""What a feed says about books and chapters, in words."""

from bookbytes_api.feeds.texts import description
from bookbytes_pipeline.library.models import BookRow, ChapterRow

_DISCLOSURE = "The summaries were written by a language model and are read by a synthetic voice."


def about_shelf() -> str:
    """Describe the shelf of any person."""
    return description("Summaries of books, a season for each book and an episode for each chapter.", _DISCLOSURE)


def about_book(book: BookRow) -> str:
    """Describe a book by its summary, if there is one, and say what is wrong or missing before that."""
    whole = book.book_summary.summary if book.book_summary else None
    title = f"{book.title} by {book.author}" if book.author else book.title
    return description(
        f"A summary of every chapter of {title}. {_DISCLOSURE}", _missing(book), _of_book(book), whole or ""
    )


def about_chapter(chapter: ChapterRow) -> str:
    """Describe a chapter by its summary, after what is wrong with that."""
    return description(_doubts(chapter), chapter.summary or chapter.title)


def about_whole_file(book: BookRow) -> str:
    """Describe the file of a whole book."""
    return description(f"All of {book.title} in one file, with its chapters.", _of_book(book))


def _missing(book: BookRow) -> str:
    return "Not all chapters are finished; the others will follow." if book.is_partial else ""


def _of_book(book: BookRow) -> str:
    return "Something may be wrong in this book: see its episodes." if book.needs_review else ""


def _doubts(chapter: ChapterRow) -> str:
    if not chapter.review_reasons:
        return ""
    return " ".join(["Something may be wrong in this summary.", *chapter.review_reasons])
