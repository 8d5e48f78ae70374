"""The errors of the API; those of the pipeline are in `bookbytes_pipeline.domain.errors`."""

from bookbytes_pipeline.domain.errors import BookBytesError


class NotAuthenticated(BookBytesError):
    """No token, or one that is wrong, expired or of an account that is closed. Logging in helps."""

    code = "NOT_AUTHENTICATED"


class WrongCredentials(NotAuthenticated):
    """No account has this e-mail address and password; the message does not say which is wrong. Retrying may help."""

    code = "WRONG_CREDENTIALS"


class SessionEnded(NotAuthenticated):
    """The refresh token belongs to no session that lasts: it ended, expired, or the token was used before. Log in."""

    code = "SESSION_ENDED"


class InvalidResetLink(NotAuthenticated):
    """The link was used, has expired or was replaced by a later one. Asking an administrator for another helps."""

    code = "INVALID_RESET_LINK"


class ForeignSite(BookBytesError):
    """Another site sent the request with the cookie of somebody's browser. Doing it on a page of this server helps."""

    code = "FOREIGN_SITE"


class WrongPassword(BookBytesError):
    """The password of the account that sends the request is another one. Trying again may help.

    Not `WrongCredentials`: the token of the request is valid, and no client should throw it away.
    """

    code = "WRONG_PASSWORD"


class UnknownSession(BookBytesError):
    """The user has no such login session."""

    code = "SESSION_NOT_FOUND"


class AccountInactive(BookBytesError):
    """The account has been closed. Only an operator can open it again."""

    code = "ACCOUNT_INACTIVE"


class AdministratorNeeded(BookBytesError):
    """This concerns everybody or the accounts of others, so an administrator has to do it."""

    code = "ADMINISTRATOR_NEEDED"


class TokenScopeTooNarrow(BookBytesError):
    """The personal access token does not allow this. Logging in, or a token of a wider scope, helps."""

    code = "TOKEN_SCOPE_TOO_NARROW"


class UnknownToken(BookBytesError):
    """The user has no such personal access token."""

    code = "TOKEN_NOT_FOUND"


class TooManyTokens(BookBytesError):
    """The user has as many personal access tokens as allowed. Revoking one helps."""

    code = "TOO_MANY_TOKENS"


class RegistrationClosed(BookBytesError):
    """Registration is closed here; an administrator can create the account."""

    code = "REGISTRATION_CLOSED"


class EmailTaken(BookBytesError):
    """There is an account with this e-mail address. Logging in helps."""

    code = "EMAIL_TAKEN"


class UnknownAccount(BookBytesError):
    """No account has this e-mail address. Registering helps."""

    code = "ACCOUNT_NOT_FOUND"


class LastAdministrator(BookBytesError):
    """Nobody else is an administrator. Trying again helps once somebody is."""

    code = "LAST_ADMINISTRATOR"


class InvalidEmail(BookBytesError):
    """The text is not an e-mail address. The message says why."""

    code = "INVALID_EMAIL"


class UnknownBook(BookBytesError):
    """No such book is in the library. Retrying helps once it has been processed.

    `domain.BookNotFound` has the same code: a metadata source does not know the ISBN, so the job fails with it.
    """

    code = "BOOK_NOT_FOUND"


class UnknownChapter(BookBytesError):
    """No such chapter is in the library."""

    code = "CHAPTER_NOT_FOUND"


class NoAudio(BookBytesError):
    """The chapter has no clip: the language model did not know it, or the file is gone. Processing the book helps."""

    code = "AUDIO_NOT_FOUND"


class BookNotFinished(BookBytesError):
    """The book as a whole was asked for while some of its chapters are missing. Trying again helps once it is done."""

    code = "BOOK_NOT_FINISHED"


class BookFileGone(BookBytesError):
    """The file of a whole book is missing from the store. Asking for it has it made again."""

    code = "BOOK_FILE_GONE"


class BookFileFailed(BookBytesError):
    """The file of a whole book could not be made. Trying again may help later."""

    code = "BOOK_FILE_FAILED"
    try_again = True


class TooManyBookFiles(BookBytesError):
    """As many files of whole books are being made as is allowed. Trying again helps in a minute."""

    code = "TOO_MANY_BOOK_FILES"
    try_again = True


class NoTranscript(BookBytesError):
    """The times of the clip's sentences are not known. Processing the book with force helps."""

    code = "TRANSCRIPT_NOT_FOUND"


class UnknownPosition(BookBytesError):
    """The user has no position in this book: no device has reported one, or it was deleted."""

    code = "POSITION_NOT_FOUND"


class UnknownListeningSession(BookBytesError):
    """The user has no such listening session, or its book is not in the library any more."""

    code = "LISTENING_SESSION_NOT_FOUND"


class UnknownBookmark(BookBytesError):
    """The user has no such bookmark."""

    code = "BOOKMARK_NOT_FOUND"


class TooManyBookmarks(BookBytesError):
    """The user has as many bookmarks in the book as allowed. Deleting one helps."""

    code = "TOO_MANY_BOOKMARKS"


class InvalidRange(BookBytesError):
    """The range of days is empty or too long. The message says which."""

    code = "INVALID_RANGE"


class UnknownJob(BookBytesError):
    """The user has no such job."""

    code = "JOB_NOT_FOUND"


class TooManyJobs(BookBytesError):
    """The user has as many unfinished jobs as allowed. Trying again helps once one has ended."""

    code = "TOO_MANY_JOBS"
    try_again = True


class JobFinished(BookBytesError):
    """The job has ended, so there is nothing to cancel."""

    code = "JOB_FINISHED"


class NothingToRetry(BookBytesError):
    """Only a job that failed or was cancelled can be tried again."""

    code = "NOTHING_TO_RETRY"


class TextAttached(BookBytesError):
    """The book has a text already; only an administrator may replace it."""

    code = "TEXT_ATTACHED"


class DagsterUnavailable(BookBytesError):
    """Dagster's records or its code server cannot be reached. Trying again helps once they are back."""

    code = "DAGSTER_UNAVAILABLE"
    try_again = True


class RunsNotMonitored(BookBytesError):
    """Nobody has compared the runs with their processes for a minute. Starting the code server again helps."""

    code = "RUNS_NOT_MONITORED"
    try_again = True


class VoicesUnknown(BookBytesError):
    """The pipeline has not listed its narrator's voices yet. Trying again helps once it runs."""

    code = "VOICES_UNKNOWN"
    try_again = True


class RateLimitsUnavailable(BookBytesError):
    """Attempts to log in or register cannot be counted, so none is allowed. Retrying helps once they can."""

    code = "RATE_LIMITS_UNAVAILABLE"
    try_again = True
