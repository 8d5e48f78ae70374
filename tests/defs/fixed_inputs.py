"""An IO manager for tests of a single asset."""

from collections.abc import Mapping
from typing import Any

import dagster as dg


class FixedInputs(dg.IOManager):
    """Upstream assets with fixed values."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def load_input(self, context: dg.InputContext) -> Any:
        """Return the value of this asset."""
        return self.values[context.asset_key.to_user_string()]

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Store nothing."""
