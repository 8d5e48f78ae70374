"""Authentication: the tokens of logins, and where in a request they are looked for."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt
from litestar.concurrency import sync_to_thread
from litestar.config.app import AppConfig
from litestar.exceptions import NotAuthorizedException
from litestar.middleware.authentication import AuthenticationResult
from litestar.openapi.spec import Components, OAuthFlow, OAuthFlows, Reference, SecurityScheme
from litestar.security.jwt import OAuth2PasswordBearerAuth, Token
from litestar.security.jwt.middleware import JWTCookieAuthenticationMiddleware

from bookbytes_api.accounts.browser_cookie import COOKIE_SCOPE, browser_token
from bookbytes_api.accounts.identification import API_KEY_HEADER, Connection, Identification
from bookbytes_api.accounts.listen_urls import SIGNATURE, ListenURLs
from bookbytes_api.accounts.session_rows import find_session_user, find_user_without_session
from bookbytes_api.accounts.user import User
from bookbytes_api.errors import NotAuthenticated
from bookbytes_api.web.access import (
    LISTEN_URL_SCHEME,
    LOGIN_IN_ADDRESS,
    NO_AUTH,
    OPTIONAL_AUTH,
    TOKEN_IN_ADDRESS_SCHEME,
    TOKEN_PARAMETER,
)
from bookbytes_api.web.same_origin import require_same_origin
from bookbytes_pipeline.db.database import Database
from bookbytes_pipeline.settings import Settings

LOGIN = "/api/v1/auth/login"
_API_KEY_SCHEME = "APIKey"
SCOPE = "listen"

_LOG_IN = "Log in first: send the token as `Authorization: Bearer <token>`."


@dataclass
class AccessToken(Token):
    """The claims `sub` (the account's id), `sid` (the login session's), `exp`, `iat` and `scope`, and nothing else.

    Except for a session that could not be stored: `rev`, the revocations of the account, stands in for its row.
    """

    sid: str = ""
    scope: str = SCOPE
    rev: int | None = None

    def encode(self, secret: str, algorithm: str) -> str:
        """Return the signed token."""
        claims = {"sub": self.sub, "sid": self.sid, "exp": self.exp, "iat": self.iat, "scope": self.scope}
        return jwt.encode(claims if self.rev is None else claims | {"rev": self.rev}, secret, algorithm=algorithm)


@dataclass
class PasswordBearerAuth(OAuth2PasswordBearerAuth[User, AccessToken]):
    """Litestar's authentication, with security schemes that are valid OpenAPI 3.1.

    Litestar's own has keys that only other types of schemes may have, and lacks the scopes, which are required.
    """

    accepts_api_key: bool = False

    @property
    def openapi_components(self) -> Components:
        """Describe the login, and the API key where it is accepted, for the OpenAPI document."""
        scheme = SecurityScheme(
            type="oauth2",
            description="Log in with e-mail address and password, and send the token as a bearer token.",
            flows=OAuthFlows(password=OAuthFlow(token_url=LOGIN, scopes={})),
        )
        listen_url = SecurityScheme(
            type="apiKey",
            name=SIGNATURE,
            security_scheme_in="query",
            description="Part of a `listen_url`, which is used as it is.",
        )
        token_in_address = SecurityScheme(
            type="apiKey",
            name=TOKEN_PARAMETER,
            security_scheme_in="query",
            description="A personal access token, for apps that can send nothing but an address.",
        )
        schemes: dict[str, SecurityScheme | Reference] = {
            self.openapi_security_scheme_name: scheme,
            LISTEN_URL_SCHEME: listen_url,
            TOKEN_IN_ADDRESS_SCHEME: token_in_address,
        }
        if self.accepts_api_key:
            key = SecurityScheme(type="apiKey", name=API_KEY_HEADER, security_scheme_in="header")
            schemes[_API_KEY_SCHEME] = key
        return Components(security_schemes=schemes)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Authenticate requests, and say in the OpenAPI document where the API key alone will do."""
        app_config = super().on_app_init(app_config)
        if self.accepts_api_key and app_config.openapi_config and app_config.openapi_config.security is not None:
            app_config.openapi_config.security.append({_API_KEY_SCHEME: []})
        return app_config


class _BrowserAuthentication(JWTCookieAuthenticationMiddleware):
    """Reads the cookie of a browser as well, which other sites cannot make use of."""

    async def signed_in(self, cookie: str, connection: Connection) -> AuthenticationResult:
        """Return who is signed in; an old cookie is as good as none where nobody needs to be."""
        require_same_origin(connection)
        try:
            return await self.authenticate_token(encoded_token=cookie, connection=connection)
        except NotAuthorizedException:
            if connection.route_handler.opt.get(OPTIONAL_AUTH):
                return AuthenticationResult(user=None, auth=None)
            raise NotAuthenticated("You are signed out here. Sign in again.") from None


def authentication(settings: Settings, database: Database, secret: str, listen_urls: ListenURLs) -> PasswordBearerAuth:
    """Return the authentication: tokens signed with `secret`, clips' addresses, the API key if the settings ask."""
    api_key = settings.api_key.get_secret_value() if settings.auth_mode == "api_key" and settings.api_key else ""

    identification = Identification(database, api_key, listen_urls)

    async def owner(token: AccessToken, connection: Connection) -> User | None:
        try:
            user_id, session_id = UUID(token.sub), UUID(token.sid)
        except ValueError:
            return None
        if token.scope != (COOKIE_SCOPE if browser_token(connection) else SCOPE):
            return None
        if token.rev is not None:
            return await sync_to_thread(find_user_without_session, database, user_id, token.rev)
        return await sync_to_thread(find_session_user, database, user_id, session_id)

    class Authentication(_BrowserAuthentication):
        async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
            identified = await identification.identify(connection)
            if identified is not None:
                return identified
            cookie = browser_token(connection)
            if cookie is not None:
                return await self.signed_in(cookie, connection)
            scheme, _, token = _authorization(connection).partition(" ")
            if scheme.lower() != "bearer" or not token:
                raise NotAuthenticated(_LOG_IN)
            return await self.authenticate_token(encoded_token=token, connection=connection)

    return PasswordBearerAuth(
        token_secret=secret,
        token_url=LOGIN,
        retrieve_user_handler=owner,
        algorithm=settings.jwt_algorithm,
        default_token_expiration=timedelta(minutes=settings.jwt_expire_minutes),
        token_cls=AccessToken,
        require_claims=["sub", "sid", "exp", "iat", "scope"],
        exclude_opt_key=NO_AUTH,
        exclude_http_methods=["OPTIONS"],
        authentication_middleware_class=Authentication,
        accepts_api_key=bool(api_key),
    )


def _authorization(connection: Connection) -> str:
    """Return what the header says, or would say if the token of a login were not in the address."""
    header = connection.headers.get("Authorization")
    if header is None and connection.route_handler.opt.get(LOGIN_IN_ADDRESS):
        return f"Bearer {connection.query_params.get(TOKEN_PARAMETER, '')}"
    return header or ""
