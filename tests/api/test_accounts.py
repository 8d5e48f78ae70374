"""People: accounts, tokens and who may do what."""

from tests.api.client import PASSWORD, Api, code


def test_somebody_signs_up_logs_in_and_is_known(api: Api) -> None:
    """The account is answered without anything about the password, and the token leads back to it."""
    made = api.client.post("/api/v1/auth/register", json={"email": "Ada@Example.org", "password": PASSWORD})
    told = api.client.post("/api/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD})
    own = api.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {told.json()['access_token']}"})

    assert (201, {"id", "email", "is_active", "created_at"}) == (made.status_code, set(made.json()))
    assert ("bearer", 3600) == (told.json()["token_type"], told.json()["expires_in"])
    assert {**made.json(), "is_admin": True} == own.json()


def test_nobody_is_known_without_a_token(api: Api) -> None:
    """The answer says how to be known."""
    answer = api.client.get("/api/v1/auth/me")

    assert (401, "NOT_AUTHENTICATED") == code(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
