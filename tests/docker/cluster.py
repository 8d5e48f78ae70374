"""A Kubernetes API on loopback that has one run's pod, and records the requests it receives."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import yaml

POD = "the-pod-of-the-run"


@dataclass(frozen=True)
class Request:
    """A request, in the terms of a role's rule that has to allow it."""

    group: str
    resource: str
    verb: str
    namespace: str


@dataclass(frozen=True)
class Cluster:
    """The API at `url`."""

    url: str
    requests: list[Request] = field(default_factory=list)

    def kubeconfig(self, folder: Path) -> Path:
        """A file with which a client finds this API."""
        named = {"name": "cluster", "cluster": {"server": self.url}}
        context = {"name": "context", "context": {"cluster": "cluster", "user": "user"}}
        path = folder / "kubeconfig"
        path.write_text(
            yaml.safe_dump(
                {
                    "clusters": [named],
                    "contexts": [context],
                    "current-context": "context",
                    "users": [{"name": "user", "user": {}}],
                }
            )
        )
        return path


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Run the API until the block ends."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            request = _parsed(self.path, "list")
            requests.append(request)
            self._answer({"kind": "PodList", "items": [{"metadata": {"name": POD}}]})

        def do_DELETE(self) -> None:
            requests.append(_parsed(self.path, "delete"))
            self._answer({"kind": "Status", "status": "Success"})

        def _answer(self, body: dict[str, object]) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Cluster(f"http://127.0.0.1:{server.server_port}", requests)
        server.shutdown()


def _parsed(path: str, verb: str) -> Request:
    """`/api/v1/namespaces/N/pods/NAME` or `/apis/GROUP/v1/namespaces/N/jobs/NAME`; without NAME it is a list."""
    parts = urlsplit(path).path.strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    _, namespace, resource, *name = rest
    return Request(group, resource, verb if verb == "delete" or not name else "get", namespace)
