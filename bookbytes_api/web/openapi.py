"""The OpenAPI document, Swagger UI and ReDoc, served from this machine without a CDN."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import InternalServerException, NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, RedocRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import OpenAPI
from litestar.static_files import create_static_files_router

from bookbytes_api.web.access import NO_AUTH
from bookbytes_api.web.error_responses import http_error
from bookbytes_api.web.openapi_document import Document

_SCRIPTS = "/docs/scripts"
_INVALID_NAME_ERRORS = ValueError, InternalServerException
"""What is raised for names that no file can have: with null bytes, or too long."""
_NO_ICON = '<link rel="icon" href="data:,">'
"""Litestar's own icon would come from a CDN."""
_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What browsers may load for the pages: ReDoc's bundle would ask another host for its logo."""
_PAGE_HEADERS = {"Content-Security-Policy": "; ".join(map(" ".join, _SOURCES.items()))}


class _SwaggerUI(SwaggerRenderPlugin):
    """Swagger UI that is still logged in after a reload."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        page = super().render(request, openapi_schema)
        return page.replace(b"deepLinking: true,", b"deepLinking: true, persistAuthorization: true,", 1)


_SWAGGER = _SwaggerUI(
    js_url=f"{_SCRIPTS}/swagger-ui-dist/swagger-ui-bundle.js",
    css_url=f"{_SCRIPTS}/swagger-ui-dist/swagger-ui.css",
    standalone_preset_js_url=f"{_SCRIPTS}/swagger-ui-dist/swagger-ui-standalone-preset.js",
    favicon=_NO_ICON,
)
_REDOC = RedocRenderPlugin(js_url=f"{_SCRIPTS}/redoc/bundles/redoc.standalone.js", google_fonts=False, favicon=_NO_ICON)


class _DocumentConfig(OpenAPIConfig):
    def to_openapi_schema(self) -> OpenAPI:
        return Document(**vars(super().to_openapi_schema()))


def openapi_config(version: str) -> OpenAPIConfig:
    """Return the configuration of the document, which is served at `/schema/openapi.json`."""
    return _DocumentConfig(
        title="BookBytes",
        version=version,
        description="An ISBN in, an audio summary of every chapter out.",
        openapi_router=Router(
            "/schema", route_handlers=[], opt={NO_AUTH: True}, after_request=_no_html, include_in_schema=False
        ),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
    )


def pages() -> Router:
    """Return the routes of Swagger UI (`/docs`), ReDoc (`/redoc`), and the scripts of both."""
    return Router("/", route_handlers=[swagger, redoc, _scripts()], opt={NO_AUTH: True}, include_in_schema=False)


@get("/docs", media_type=MediaType.HTML, response_headers=_PAGE_HEADERS)
async def swagger(request: Request[Any, Any, Any]) -> bytes:
    """Swagger UI."""
    return _SWAGGER.render(request, request.app.openapi_schema.to_schema())


@get("/redoc", media_type=MediaType.HTML, response_headers=_PAGE_HEADERS)
async def redoc(request: Request[Any, Any, Any]) -> bytes:
    """ReDoc."""
    return _REDOC.render(request, request.app.openapi_schema.to_schema())


def _scripts() -> Router:
    """Serve the files of the package that has the builds of both; importing it would require Django."""
    package = find_spec("drf_spectacular_sidecar")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("drf_spectacular_sidecar")
    folder = Path(package.origin).parent / "static" / "drf_spectacular_sidecar"
    return create_static_files_router(
        _SCRIPTS, [folder], exception_handlers=dict.fromkeys(_INVALID_NAME_ERRORS, _no_file)
    )


def _no_file(request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    """Respond to a name that no file can have."""
    return http_error(request, NotFoundException())


async def _no_html(response: Response[Any]) -> Response[Any]:
    """Replace the HTML page with which Litestar responds to unknown paths below `/schema`."""
    if response.status_code == 404:  # noqa: PLR2004 - not found
        raise NotFoundException
    return response
