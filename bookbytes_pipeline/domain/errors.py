"""The root of every error of BookBytes, and the errors that more than one module raises or handles.

An error that only one folder knows is defined there, beside what raises it (`EpubTooLarge` in `epub/validation.py`,
those of HTTP in `bookbytes_api/errors.py`); all of them are subclasses of `BookBytesError`.

Each class answers two questions in its docstring: what happened, and would trying again help? The message of an
instance is one or two sentences for the user: what happened, to which book or chapter, and what to do. It never holds
a key, a token or a provider's raw answer.
"""

from typing import ClassVar


class BookBytesError(Exception):
    """Something BookBytes can explain went wrong."""

    code: ClassVar[str] = "ERROR"
    try_again: bool = False


class InvalidISBN(BookBytesError):
    """The text is not an ISBN. Trying again does not help; the message names the check that failed."""

    code = "INVALID_ISBN"


class InvalidSearch(BookBytesError):
    """There is nothing to search for in the text, or too much would be found. Trying again does not help."""

    code = "INVALID_Q"


class CatalogueOff(BookBytesError):
    """Open Library is switched off here. Trying again helps once an operator has switched it on."""

    code = "CATALOGUE_OFF"


class InvalidSettings(BookBytesError):
    """A setting has a wrong value. Trying again helps once it is corrected."""

    code = "INVALID_SETTINGS"


class BookNotFound(BookBytesError):
    """No metadata source knows this ISBN. Trying again does not help; attaching the book's EPUB does."""

    code = "BOOK_NOT_FOUND"


class NotInLibrary(BookBytesError):
    """This book has not been published here. Trying again helps once it has been processed."""

    code = "NOT_IN_LIBRARY"


class BookLocked(BookBytesError):
    """Another job, run or command is making this book right now. Trying again helps once it has ended."""

    code = "BOOK_UNDER_WAY"
    try_again = True


class TextNeeded(BookBytesError):
    """The language model can only work from the book's text and none is attached. Attach it, or set a key."""

    code = "TEXT_NEEDED"


class NothingKnown(BookBytesError):
    """The language model knows none of the book's chapters. Attaching the book's EPUB helps."""

    code = "NOTHING_KNOWN"


class UnreadableBook(BookBytesError):
    """The file is not a book that can be read: no EPUB, damaged, encrypted or hostile. Another file helps."""

    code = "UNREADABLE_BOOK"


class NoText(BookBytesError):
    """No text is attached to the book, so its chapters cannot be looked at. Attaching its EPUB helps."""

    code = "TEXT_NOT_FOUND"


class InvalidCorrection(BookBytesError):
    """The text cannot be divided into these chapters. Trying again does not help; the message says what is possible."""

    code = "INVALID_CHAPTERS"


class InvalidVoice(BookBytesError):
    """The narrator in use has no such voice. Trying again does not help; the message names the voices there are."""

    code = "INVALID_VOICE"


class Unavailable(BookBytesError):
    """A provider did not answer, or asked to wait. Trying again later helps."""

    code = "PROVIDER_UNAVAILABLE"
    try_again = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """`retry_after`: how many seconds the provider asked to wait, if it said so."""
        super().__init__(message)
        self.retry_after = retry_after


class Refused(BookBytesError):
    """A provider will not do this: wrong key, no credit, content it declines. Trying again does not help."""

    code = "PROVIDER_REFUSED"


class TooLong(Refused):
    """A text is longer than the provider reads at once. Trying again does not help; shorter parts do."""

    code = "TEXT_TOO_LONG"

    def __init__(self, message: str, *, max_tokens: int | None = None) -> None:
        """`max_tokens`: how many tokens the provider reads at once, if it said so."""
        super().__init__(message)
        self.max_tokens = max_tokens


class UnusableAnswer(Unavailable):
    """A provider answered with something that is not what was asked for. Trying again may help."""

    code = "PROVIDER_ANSWER_UNUSABLE"


class PoorSummary(BookBytesError):
    """A model answered twice, and neither answer is worth hearing. Trying again may help; another model rather does."""

    code = "POOR_SUMMARY"
    try_again = True


class PoorSpeech(BookBytesError):
    """A voice, asked again, did not say all of a text, or said it in a way nobody can hear. Trying again may help."""

    code = "POOR_SPEECH"
    try_again = True


class ChaptersFailed(BookBytesError):
    """Some chapters failed after every attempt; the others are kept. A rerun makes only what is missing."""

    code = "CHAPTERS_FAILED"

    def __init__(self, message: str, *, try_again: bool, chapter: int) -> None:
        """`try_again`: whether it would help for at least one of the failed chapters; `chapter`: the first of them."""
        super().__init__(message)
        self.try_again = try_again
        self.chapter = chapter


class StoreUnavailable(BookBytesError):
    """The store cannot be read or written: full, missing or forbidden. Trying again helps once that is fixed."""

    code = "STORE_UNAVAILABLE"
    try_again = True


class StoreUnsuitable(StoreUnavailable):
    """The store refuses for good: another region, or an operation that it lacks. Trying again does not help."""

    code = "STORE_UNSUITABLE"
    try_again = False


class LibraryUnavailable(BookBytesError):
    """The library's database cannot be used. Trying again helps once that is fixed."""

    code = "LIBRARY_UNAVAILABLE"
    try_again = True


class StoreFull(StoreUnavailable):
    """There is no space left in the store. Trying again helps once some was freed; what is there can be read."""

    code = "NO_SPACE"


class LibraryFull(LibraryUnavailable):
    """There is no space left for the library. Trying again helps once some was freed; what is there can be read."""

    code = "NO_SPACE"
