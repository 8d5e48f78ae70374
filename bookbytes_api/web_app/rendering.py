"""A page: a template with what every page shows, and the headers that keep it to this server."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from markupsafe import Markup

from bookbytes_api.accounts.browser_cookie import COOKIE_SCOPE, BrowserCookie, needs_renewal
from bookbytes_api.accounts.sessions import Tokens
from bookbytes_api.accounts.tokens import AccessToken
from bookbytes_api.accounts.user import User
from bookbytes_api.web.public_address import public_address
from bookbytes_api.web_app import wording
from bookbytes_api.web_app.assets import FOLDER, Assets
from bookbytes_pipeline.domain.errors import LibraryUnavailable
from bookbytes_pipeline.settings import Settings
from bookbytes_pipeline.store.bucket import Bucket
from bookbytes_pipeline.store.store import Store

PageTemplate = Template


@dataclass(frozen=True)
class Page:
    """Renders pages for the request in hand: `page.render("shelf.html", books=books)`."""

    request: Request[User | None, AccessToken | None, Any]
    settings: Settings
    tokens: Tokens
    headers: Mapping[str, str]

    def render(self, template: str, *, status: int = 200, **context: Any) -> PageTemplate:
        """Return the page; a template knows `user` and `path` beside what it is given."""
        request = self.request
        known = {"user": request.scope.get("user"), "path": request.url.path, "settings": self.settings}
        page = Template(template, context={**known, **context}, status_code=status, headers=dict(self.headers))
        self._renew_cookie(page)
        return page

    @property
    def cookie(self) -> BrowserCookie:
        """What makes the cookie for this request."""
        asked_at = self.request.headers.get("Origin") or public_address(self.request, self.settings)
        return BrowserCookie(is_secure=asked_at.startswith("https:"))

    def _renew_cookie(self, page: PageTemplate) -> None:
        """Let the session go on; where nothing can be written it ends when it was to end, and the page is shown."""
        token: AccessToken | None = self.request.scope.get("auth")
        if token is None or token.scope != COOKIE_SCOPE or self.request.user is None or not needs_renewal(token.iat):
            return
        with suppress(LibraryUnavailable):
            page.set_cookie(self.cookie.holding(self.tokens.go_on(self.request.user)))


def provide_page(
    request: Request[Any, Any, Any],
    settings: NamedDependency[Settings],
    tokens: NamedDependency[Tokens],
    store: NamedDependency[Store],
) -> Page:
    """Return what renders the page of this request."""
    return Page(request, settings, tokens, page_headers(store))


def page_headers(store: Store) -> dict[str, str]:
    """Return the headers of every page: a browser loads from this server alone, and clips from the bucket if any.

    Playing and keeping a clip are two permissions.
    """
    sources = {"default-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}
    if isinstance(store.files, Bucket):
        sources["media-src"] = sources["connect-src"] = f"'self' {store.files.public_origin}"
    return {
        "Content-Security-Policy": "; ".join(map(" ".join, sources.items())),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cache-Control": "private, no-store",
    }


def template_config(assets: Assets) -> TemplateConfig[JinjaTemplateEngine]:
    """Return Litestar's configuration: what templates may call, and the folder that they are in."""
    config = TemplateConfig(engine=JinjaTemplateEngine, directory=FOLDER / "templates")
    environment = config.engine_instance.engine
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals |= {"asset": assets.address, "icon": _icon}
    environment.filters |= {
        "duration": wording.duration,
        "clock": wording.clock,
        "bytes": wording.byte_count,
        "dollars": wording.dollars,
        "day": wording.day,
        "language": wording.language_name,
        "direction": wording.direction,
        "iso": datetime.isoformat,
    }
    return config


def _icon(name: str) -> Markup:
    """Return an icon of the page's own set (`templates/icons.html`); what it means is said beside it."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>').format(name)
