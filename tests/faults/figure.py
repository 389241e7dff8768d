"""What a section of `make faults` shows: a goal and what was seen, side by side. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. says: what was tried, how often; goal, seen: in words or numbers; holds: goal met."""

    says: str
    goal: str
    seen: str
    holds: bool

    @classmethod
    def none(cls, says: str, seen: int) -> Figure:
        """Of what there must be none."""
        return cls(says, "0", str(seen), seen == 0)

    @classmethod
    def all_of(cls, says: str, seen: int, of: int) -> Figure:
        """Of what each one must hold."""
        return cls(says, f"{of} of {of}", f"{seen} of {of}", seen == of > 0)

    @classmethod
    def most(cls, says: str, seen: float, limit: float, unit: str = "") -> Figure:
        """What must not be more than so much."""
        unit = f" {unit}" if unit else ""
        return cls(says, f"<= {limit:g}{unit}", f"{seen:.4g}{unit}", seen <= limit)

    @classmethod
    def least(cls, says: str, seen: float, limit: float) -> Figure:
        """What must not be less than so much."""
        return cls(says, f">= {limit:g}", f"{seen:.4g}", seen >= limit)
