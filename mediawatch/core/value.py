"""The one base of all nouns: a frozen value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value: unknown fields are refused, datetimes must carry a zone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
