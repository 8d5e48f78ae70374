"""Where each service of `bookbytes serve` listens."""

import socket
from contextlib import ExitStack
from ipaddress import ip_address

import psutil

from bookbytes_pipeline.processes.ports import LOOPBACK, addresses_of, listen
from bookbytes_pipeline.settings import Settings

_ANY = {"0.0.0.0": LOOPBACK, "::": "::1", "": LOOPBACK}  # noqa: S104 - where such a server is reached from here


def api_address(settings: Settings) -> str:
    """Return the API's URL as seen from this machine."""
    host = _ANY.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def network_address(settings: Settings) -> str | None:
    """Return the API's URL as a phone in the same network reaches it; None where it listens on this machine alone."""
    if settings.host not in _ANY:
        return None
    states = psutil.net_if_stats()
    of_interfaces = [
        ip_address(address.address)
        for name, addresses in psutil.net_if_addrs().items()
        if name in states and states[name].isup
        for address in addresses
        if address.family == socket.AF_INET
    ]
    reachable = [address for address in of_interfaces if not (address.is_loopback or address.is_link_local)]
    return f"http://{reachable[0]}:{settings.port}" if reachable else None


def ui_address(settings: Settings) -> str:
    """Return the Dagster UI's URL. It has no passwords, so it is for this machine only, as the code server is."""
    return f"http://{LOOPBACK}:{settings.dagster_ui_port}"


def require_free_ports(settings: Settings) -> None:
    """Raise `AddressInUse` unless all ports are free and different.

    Dagster's code server would silently share its port with another one, each getting half of the calls.
    """
    addresses = {
        "PORT": (settings.host, settings.port),
        "DAGSTER_UI_PORT": (LOOPBACK, settings.dagster_ui_port),
        "DAGSTER_GRPC_PORT": (LOOPBACK, settings.dagster_grpc_port),
    }
    if settings.metrics_port is not None:
        addresses["METRICS_PORT"] = (settings.host, settings.metrics_port)
    with ExitStack() as sockets:
        for setting, (host, port) in addresses.items():
            for address in addresses_of(host):
                sockets.enter_context(listen(address, port, setting))
