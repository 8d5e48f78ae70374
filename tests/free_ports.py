"""Ports for servers that are stopped and started again."""

import random
import socket


def lasting_port(*taken: int) -> int:
    """A free port below those the kernel hands out, so that nobody gets it while its server is away."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with socket.socket() as probe:
            if port not in taken and probe.connect_ex(("127.0.0.1", port)):
                return port
