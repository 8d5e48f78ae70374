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
TOKEN_IN_ADDRESS = "token_in_address"  # noqa: S105 - the name of an option
"""The `opt` key of routes that may also be called with a personal access token as the parameter `token` of their
address: by apps that can send nothing else."""
TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a parameter
TOKEN_IN_ADDRESS_SCHEME = "TokenInAddress"  # noqa: S105 - the name of a scheme
TOKEN_IN_ADDRESS_SECURITY: list[dict[str, list[str]]] = [{TOKEN_IN_ADDRESS_SCHEME: []}]
"""The security requirement of those routes, beside that of all others."""
LOGIN_IN_ADDRESS = "login_in_address"
"""The `opt` key of those of these routes where it may be the access token of a login as well: players of another
project's API know no other."""
IN_ADDRESS_SCHEMES = {LISTEN_URL_SCHEME, TOKEN_IN_ADDRESS_SCHEME}
"""The schemes of OpenAPI's document whose permission is in the address."""
ASKS_FOR_PASSWORD = "asks_for_password"  # noqa: S105 - the name of an option
"""The `opt` key of routes whose clients ask for a name and a password when they are told to (HTTP Basic)."""
LOGIN_ONLY = "login_only"
"""The `opt` key of routes that no personal access token may call."""
LISTENS = "listens"
"""The `opt` key of routes for which a personal access token has to allow listening."""
