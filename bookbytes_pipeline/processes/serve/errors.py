"""Why `bookbytes serve` does not start, or stops."""

from bookbytes_pipeline.domain.errors import BookBytesError


class AlreadyServing(BookBytesError):
    """Another `bookbytes serve` uses this BOOKBYTES_HOME. Trying again helps once that one has stopped."""

    code = "ALREADY_SERVING"
    try_again = True


class ServiceFailed(BookBytesError):
    """One of the four services does not start, or keeps crashing. Its last lines say what to fix first."""

    code = "PART_FAILED"
