"""Ports that are in use, and what users read about it."""

import errno
import socket
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bookbytes_pipeline.processes.ports import LOOPBACK, AddressInUse, address_in_use, is_listening, listen
from bookbytes_pipeline.processes.serve.addresses import api_address, network_address, require_free_ports
from bookbytes_pipeline.settings import load_settings
from tests.api.client import free_port


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.EADDRINUSE, "Port 8000 is in use already. Stop what listens there, or set PORT to another port."),
        (errno.EACCES, "Cannot listen on example.org port 8000: Permission denied. Check the host and PORT."),
    ],
)
def test_the_message_names_the_setting_that_helps(code: int, message: str) -> None:
    """A port in use needs another port; any other reason is quoted, without the address that Python repeats."""
    reason = "Permission denied (while attempting to bind on address ('example.org', 8000))"
    error = address_in_use("example.org", 8000, "PORT", OSError(code, reason))

    assert (message, True) == (str(error), error.try_again)


def test_a_port_has_one_listener() -> None:
    """While a socket listens, others see it and cannot have its port; afterwards the port is free again."""
    port = free_port()
    with listen(LOOPBACK, port, "PORT"):
        while_open = is_listening(LOOPBACK, port)
        with pytest.raises(AddressInUse, match=f"Port {port} is in use already"):
            listen(LOOPBACK, port, "PORT")

    assert (True, False) == (while_open, is_listening(LOOPBACK, port))


def test_a_port_that_could_be_shared_is_in_use_too() -> None:
    """Dagster's code server listens with SO_REUSEPORT, and a second one would silently get half of the calls."""
    with (
        socket.create_server((LOOPBACK, 0), reuse_port=True) as shared,
        pytest.raises(AddressInUse, match="set DAGSTER_GRPC_PORT"),
    ):
        listen(LOOPBACK, shared.getsockname()[1], "DAGSTER_GRPC_PORT")


def test_every_address_includes_those_of_ipv4(tmp_path: Path) -> None:
    """With HOST=:: a port that only an IPv4 server uses is not free; the API is found at an address of this machine."""
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        settings = load_settings(_env_file=None, bookbytes_home=tmp_path, host="::", port=port)

        with pytest.raises(AddressInUse, match=f"Port {port} is in use already"):
            require_free_ports(settings)
        assert f"http://[::1]:{port}" == api_address(settings)


def test_a_phone_is_told_where_this_machine_is_in_its_network() -> None:
    """Where the API listens to others at all, and this machine has a network."""
    shared = network_address(load_settings(host="0.0.0.0"))  # noqa: S104 - nothing listens

    assert network_address(load_settings(host="127.0.0.1")) is None
    if shared is not None:
        listen(str(urlsplit(shared).hostname), free_port(), "PORT").close()
        assert not ip_address(str(urlsplit(shared).hostname)).is_loopback
