"""Where each part listens, and that nobody else listens there."""

import errno
import socket
from contextlib import ExitStack

from bookbytes_pipeline.processes.serve.errors import AddressTaken
from bookbytes_pipeline.settings import Settings

LOOPBACK = "127.0.0.1"
"""Dagster's UI and code server know no passwords: they are for this machine only."""

_ANY = {"0.0.0.0": LOOPBACK, "::": "::1", "": LOOPBACK}  # noqa: S104 - where such a server is reached from here


def api_address(settings: Settings) -> str:
    """The API's URL as seen from this machine."""
    host = _ANY.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def ui_address(settings: Settings) -> str:
    """The Dagster UI's URL."""
    return f"http://{LOOPBACK}:{settings.dagster_ui_port}"


def require_free(settings: Settings) -> None:
    """Raise `AddressTaken` unless all ports are free and different.

    Dagster's code server would share its port with another one without a word, each getting half of the calls.
    """
    wanted = {
        "PORT": (settings.host, settings.port),
        "DAGSTER_UI_PORT": (LOOPBACK, settings.dagster_ui_port),
        "DAGSTER_GRPC_PORT": (LOOPBACK, settings.dagster_grpc_port),
    }
    if settings.metrics_port is not None:
        wanted["METRICS_PORT"] = (settings.host, settings.metrics_port)
    with ExitStack() as held:
        for setting, (host, port) in wanted.items():
            held.enter_context(_listening(setting, host, port))


def _listening(setting: str, host: str, port: int) -> socket.socket:
    """A socket that listens there. `create_server` takes ports whose last connections are only timing out."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise address_taken(setting, host, port, error) from error


def address_taken(setting: str, host: str, port: int, error: OSError) -> AddressTaken:
    """What to tell people who wanted somebody to listen there."""
    if error.errno == errno.EADDRINUSE:
        return AddressTaken(
            f"Port {port} is in use already. Stop what listens there, or set {setting} to another port."
        )
    reason = str(error.strerror).partition(" (")[0]  # Python repeats the address there
    return AddressTaken(f"{host} port {port} cannot be listened on: {reason}. Check HOST and {setting}.")
