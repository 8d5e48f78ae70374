"""Whether a TCP port is free, and whether a server listens on it."""

import errno
import socket
from contextlib import suppress

from bookbytes_pipeline.domain.errors import BookBytesError

LOOPBACK = "127.0.0.1"


class AddressInUse(BookBytesError):
    """This address cannot be listened on. Trying again helps once it is free, or with another setting."""

    code = "ADDRESS_TAKEN"
    try_again = True


def addresses_of(host: str) -> tuple[str, ...]:
    """Return the addresses at which a server at this host listens: `::` means all of them, those of IPv4 too.

    One socket for both would do, but there the addresses of IPv4 clients and proxies look different.
    """
    return ("0.0.0.0", "::") if host == "::" else (host,)  # noqa: S104 - that is what was asked for


def is_listening(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Return whether a server accepts connections at this address."""
    with suppress(OSError), socket.create_connection((host, port), timeout=timeout_s):
        return True
    return False


def listen(host: str, port: int, setting: str) -> socket.socket:
    """Return a socket that listens there; raises `AddressInUse`, which names the `setting` the port comes from.

    `create_server` also takes ports that only wait for their last connections to time out.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise address_in_use(host, port, setting, error) from error


def address_in_use(host: str, port: int, setting: str, error: OSError) -> AddressInUse:
    """Return the error for people whose server could not listen on this address."""
    if error.errno == errno.EADDRINUSE:
        return AddressInUse(
            f"Port {port} is in use already. Stop what listens there, or set {setting} to another port."
        )
    reason = str(error.strerror).partition(" (")[0]  # Python repeats the address there
    return AddressInUse(f"Cannot listen on {host} port {port}: {reason}. Check the host and {setting}.")
