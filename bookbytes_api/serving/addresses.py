"""Where each part listens, and that nobody else listens there."""

import errno
import socket
from contextlib import ExitStack

from bookbytes_api.serving.errors import AddressTaken
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
    """Raise `AddressTaken` unless all three ports are free and different.

    Dagster's code server would share its port with another one without a word, each getting half of the calls.
    """
    wanted = {
        "PORT": (settings.host, settings.port),
        "DAGSTER_UI_PORT": (LOOPBACK, settings.dagster_ui_port),
        "DAGSTER_GRPC_PORT": (LOOPBACK, settings.dagster_grpc_port),
    }
    with ExitStack() as held:
        for setting, (host, port) in wanted.items():
            held.enter_context(_listening(setting, host, port))


def _listening(setting: str, host: str, port: int) -> socket.socket:
    """A socket that listens there. `create_server` takes ports whose last connections are only timing out."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(
                f"Port {port} is in use already. Stop what listens there, or set {setting} to another port."
            ) from error
        reason = str(error.strerror).partition(" (")[0]  # Python repeats the address there
        raise AddressTaken(f"{host} port {port} cannot be listened on: {reason}. Check HOST and {setting}.") from error
