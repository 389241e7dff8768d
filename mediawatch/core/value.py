"""The one base of all nouns: a frozen value. And the one spelling in which values are compared and hashed."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value: unknown fields are refused, datetimes must carry a zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def canonical(value: Any) -> str:
    """JSON with one spelling, for digests and for columns that are compared: sorted keys, no spaces, no escapes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
