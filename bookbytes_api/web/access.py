"""How a route says who may call it: keys of `opt`, and `security` for the documentation."""

PUBLIC = "exclude_from_auth"
"""The `opt` of routes that anybody may ask."""
VISITORS = "visitors_welcome"
"""The `opt` of routes that strangers may ask too, but where it matters who asks."""
ANYBODY: list[dict[str, list[str]]] = [{}, {"BearerToken": []}]
"""What the documentation says of those: a token may be sent, or none."""
NOBODY: list[dict[str, list[str]]] = [{}]
"""What it says of public routes: no token is looked at."""
