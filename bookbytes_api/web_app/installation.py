"""What makes the pages an application that is installed: its manifest, and the service worker that answers offline."""

import json
from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency

from bookbytes_api.web.access import NO_AUTH
from bookbytes_api.web_app.assets import Assets
from bookbytes_api.web_app.rendering import Page

MANIFEST, WORKER = "/manifest.webmanifest", "/service-worker.js"
_PAPER, _ACCENT = "#faf7f2", "#0f5257"
_PNG, _SVG = "image/png", "image/svg+xml"
_JAVASCRIPT = "text/javascript"
_WORKER_FILES = ("worker/ranges.js", "worker/answers.js", "worker/worker.js")


@get(MANIFEST, media_type="application/manifest+json", opt={NO_AUTH: True}, sync_to_thread=False)
def manifest(assets: NamedDependency[Assets]) -> dict[str, Any]:
    """The name, the icons and the start of the installed application."""
    return {
        "id": "/",
        "name": "BookBytes",
        "short_name": "BookBytes",
        "description": "Audio summaries of books, chapter by chapter",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": "en",
        "categories": ["books", "education"],
        "background_color": _PAPER,
        "theme_color": _ACCENT,
        "icons": [
            _icon(assets, "icon-192.png", "192x192", _PNG),
            _icon(assets, "icon-512.png", "512x512", _PNG),
            _icon(assets, "maskable-512.png", "512x512", _PNG) | {"purpose": "maskable"},
            _icon(assets, "icon.svg", "any", _SVG),
        ],
        "shortcuts": [
            {"name": "Add a book", "url": "/add"},
            {"name": "On this device", "url": "/kept"},
        ],
    }


@get(WORKER, media_type=_JAVASCRIPT, opt={NO_AUTH: True}, sync_to_thread=False)
def service_worker(page: NamedDependency[Page], assets: NamedDependency[Assets]) -> Response[bytes]:
    """The service worker: it changes with the assets, and browsers look for another one with each page."""
    addresses = [assets.address(file) for file in assets.files if not file.startswith("worker/")]
    shell = json.dumps({"version": assets.version, "addresses": addresses})
    scripts = ", ".join(json.dumps(assets.address(file)) for file in _WORKER_FILES)
    source = f"const SHELL = {shell};\nimportScripts({scripts});\n"
    return Response(source.encode(), headers={**page.headers, "Cache-Control": "no-cache"}, media_type=_JAVASCRIPT)


def _icon(assets: Assets, file: str, sizes: str, media_type: str) -> dict[str, str]:
    return {"src": assets.address(f"icons/{file}"), "sizes": sizes, "type": media_type}


router = Router("/", route_handlers=[manifest, service_worker])
