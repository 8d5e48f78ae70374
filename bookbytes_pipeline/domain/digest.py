"""Content hashes."""

import hashlib
import json
from collections.abc import Sequence


def digest(*parts: str | int | bytes | Sequence[object] | None) -> str:
    """Return a hash of `parts` in order: 32 hexadecimal digits, the same on every machine and in every process."""
    plain = [hashlib.sha256(part).hexdigest() if isinstance(part, bytes) else part for part in parts]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()[:32]
