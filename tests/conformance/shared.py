"""Real records and books: too large to ship, and not ours. Developers have them beside the checkout."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"

needs_shared_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"conformance with real records: {SHARED} is not on this machine"
)
