"""Who listens at an address."""

import socket
from contextlib import suppress

from bookbytes_pipeline.domain.errors import BookBytesError


class AddressInUse(BookBytesError):
    """Somebody listens there already. Trying again helps once that one has ended, or with another address."""

    code = "ADDRESS_IN_USE"
    try_again = True


def answers(host: str, port: int, patience: float = 1.0) -> bool:
    """Whether somebody takes a connection there within `patience` seconds."""
    with suppress(OSError), socket.create_connection((host, port), timeout=patience):
        return True
    return False


def require_free(host: str, port: int) -> None:
    """Raise `AddressInUse` if somebody of this machine listens there, or nobody may."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python repeats the address there
        raise AddressInUse(f"{host} port {port} cannot be listened on: {reason}. Choose another one.") from error
