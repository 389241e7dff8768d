"""What a look that showed nothing says of the account itself. Pure; whether that is believed is the rules' business."""

from __future__ import annotations

from mediawatch.core.model import Blame, Look, Observation


def says_gone(look: Look | Observation) -> bool:
    """Whether the platform answered, in its own words, that the account is gone, banned or moved."""
    return look.failure is not None and look.failure.reason.blame is Blame.ACCOUNT
