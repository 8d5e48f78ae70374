"""Why this machine does not serve, or no longer does."""

from bookbytes_pipeline.domain.errors import BookBytesError


class AlreadyServing(BookBytesError):
    """Another `bookbytes serve` uses this BOOKBYTES_HOME. Trying again helps once that one has ended."""

    code = "ALREADY_SERVING"
    try_again = True


class AddressTaken(BookBytesError):
    """One of the addresses cannot be listened on. Trying again helps once it is free, or with another setting."""

    code = "ADDRESS_TAKEN"
    try_again = True


class ServiceFailed(BookBytesError):
    """One of the four processes does not start, or ends again and again. Its last lines say what to mend first."""

    code = "PART_FAILED"
