"""A vulnerability service on loopback, as `uv audit` queries it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

ID = "PYSEC-2026-1"


@contextmanager
def osv(vulnerable: str = "") -> Iterator[str]:
    """Run a service that knows one vulnerability of one package, or none, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            known = {"vulns": [{"id": ID, "modified": "2026-01-01T00:00:00Z"}]}
            self._answer({"results": [known if query["package"]["name"] == vulnerable else {} for query in queries]})

        def do_GET(self) -> None:
            package = {"ecosystem": "PyPI", "name": vulnerable}
            version_range = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}
            self._answer(
                {
                    "id": ID,
                    "modified": "2026-01-01T00:00:00Z",
                    "summary": "Anybody may do anything",
                    "affected": [{"package": package, "ranges": [version_range]}],
                }
            )

        def _answer(self, body: dict[str, object]) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
