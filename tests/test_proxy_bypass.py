"""What of an environment with a proxy in it reaches the processes that are started with it."""

import pytest

from bookbytes_pipeline.proxy_bypass import bypass_proxies

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_loopback_is_added_to_the_exceptions_that_there_are(name: str) -> None:
    """In both spellings, whichever was set; what was there stays, and nothing is added twice."""
    environment = {"HTTP_PROXY": PROXY, name: "corp.example, 127.0.0.1"}

    bypass_proxies(environment)
    bypass_proxies(environment)

    names = "corp.example,127.0.0.1,localhost,::1"
    assert {"HTTP_PROXY": PROXY, "grpc_proxy": "", "no_proxy": names, "NO_PROXY": names} == environment


def test_the_star_stays_alone() -> None:
    """Nothing goes by the proxy then; beside other names the star would mean nothing."""
    environment = {"no_proxy": "*"}

    bypass_proxies(environment)

    assert {"no_proxy": "*", "grpc_proxy": ""} == environment


def test_the_lower_case_comes_first() -> None:
    """As in the HTTP clients, where the two differ."""
    environment = {"no_proxy": "here.example", "NO_PROXY": "there.example"}

    bypass_proxies(environment)

    assert "here.example,localhost,127.0.0.1,::1" == environment["no_proxy"] == environment["NO_PROXY"]
