"""IAM's documents as rules read them: text or a mapping, with the brackets that IAM lets one leave out."""

from __future__ import annotations

import json
from typing import Any


def statements(policy: Any) -> list[Any]:
    """The statements of a document; none where there is no document."""
    document = json.loads(policy) if isinstance(policy, str) else policy or {}
    return listed(document.get("Statement"))


def listed(value: Any) -> list[Any]:
    """IAM lets a list of one be written without its brackets."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
