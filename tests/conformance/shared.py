"""Real records and books: too large, and not ours, to ship. They are beside the checkout where it is developed."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"

needs_shared_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"conformance with real records: {SHARED} is not on this machine"
)
