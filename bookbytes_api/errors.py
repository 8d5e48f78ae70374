"""What can go wrong between a person and the API, beside the errors of the pipeline."""

from bookbytes_pipeline.domain.errors import BookBytesError


class NotAuthenticated(BookBytesError):
    """No token, or one that is wrong, expired or of an account that is closed. Logging in helps."""

    code = "NOT_AUTHENTICATED"


class WrongCredentials(NotAuthenticated):
    """No account has this e-mail address and password; which of the two is wrong is not told. Another try may help."""

    code = "WRONG_CREDENTIALS"


class AccountInactive(BookBytesError):
    """The account has been closed. Only an operator can open it again."""

    code = "ACCOUNT_INACTIVE"


class AdministratorNeeded(BookBytesError):
    """This changes what everybody hears, so an administrator has to do it."""

    code = "ADMINISTRATOR_NEEDED"


class RegistrationClosed(BookBytesError):
    """People cannot sign up here; an administrator registers them."""

    code = "REGISTRATION_CLOSED"


class EmailTaken(BookBytesError):
    """There is an account with this e-mail address. Logging in helps."""

    code = "EMAIL_TAKEN"


class UnknownAccount(BookBytesError):
    """No account has this e-mail address. Signing up helps."""

    code = "ACCOUNT_NOT_FOUND"


class InvalidEmail(BookBytesError):
    """The text is no e-mail address. The message says why."""

    code = "INVALID_EMAIL"


class UnknownBook(BookBytesError):
    """No such book is in the library. Trying again helps once it has been processed."""

    code = "BOOK_NOT_FOUND"


class UnknownChapter(BookBytesError):
    """No such chapter is in the library."""

    code = "CHAPTER_NOT_FOUND"


class NoAudio(BookBytesError):
    """The chapter has no clip: the language model did not know it, or the file is gone. Processing the book helps."""

    code = "AUDIO_NOT_FOUND"


class UnknownJob(BookBytesError):
    """The person has no such job."""

    code = "JOB_NOT_FOUND"


class TooManyJobs(BookBytesError):
    """The person has as many unfinished jobs as one may have. Trying again helps once one has ended."""

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


class RateLimitsUnavailable(BookBytesError):
    """Attempts to log in or sign up cannot be counted, so none is let through. Trying again helps once they can."""

    code = "RATE_LIMITS_UNAVAILABLE"
    try_again = True
