"""How a route says who may call it: keys of `opt` for the authentication, and `security` for the OpenAPI document."""

NO_AUTH = "exclude_from_auth"
"""The `opt` key of routes that anybody may call; a token is not looked at."""
NO_AUTH_SECURITY: list[dict[str, list[str]]] = [{}]
"""The security requirement of those routes."""
OPTIONAL_AUTH = "optional_auth"
"""The `opt` key of routes that may be called without a token, where it matters whose token it is if there is one."""
OPTIONAL_AUTH_SECURITY: list[dict[str, list[str]]] = [{}, {"BearerToken": []}]
"""The security requirement of those routes."""
LISTEN_URL = "listen_url"
"""The `opt` key of routes that may also be called by their own address with a signature in it."""
LISTEN_URL_SCHEME = "ListenURL"
LISTEN_URL_SECURITY: list[dict[str, list[str]]] = [{LISTEN_URL_SCHEME: []}]
"""The security requirement of those routes, beside that of all others."""
LOGIN_ONLY = "login_only"
"""The `opt` key of routes that no personal access token may call."""
LISTENS = "listens"
"""The `opt` key of routes for which a personal access token has to allow listening."""
