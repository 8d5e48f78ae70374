"""A proxy as offices have one: it is in the way of everything, and refuses what it is asked for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass
class RefusingProxy:
    """The proxy's address, the variables that name it, and the targets it was asked for: URLs, and `host:port`."""

    address: str
    targets: list[str] = field(default_factory=list)

    @property
    def env(self) -> Mapping[str, str]:
        """The variables in both spellings."""
        return {spelling: self.address for name in _VARIABLES for spelling in (name, name.upper())}


@contextmanager
def refusing_proxy() -> Iterator[RefusingProxy]:
    """Answer every request with 403 until the block ends."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            proxy.targets.append(self.rfile.readline(8192).decode("latin-1").split()[1])
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy = RefusingProxy(f"http://127.0.0.1:{server.server_address[1]}")
        Thread(target=server.serve_forever, name="proxy", daemon=True).start()
        try:
            yield proxy
        finally:
            server.shutdown()
