"""What a platform says of other accounts while it says that one is gone. It must not judge."""

from __future__ import annotations

from mediawatch.core.value import Value


class Beside(Value):
    """gone_with: how many others the platform first said to be gone of within two days of this one; canary_gone:
    whether a canary, which is chosen because it is there, is one of them. were_back: how many others, canaries too, it
    said so of in the month before, or since, and then showed; was_back: whether the account itself."""

    gone_with: int = 0
    canary_gone: bool = False
    were_back: int = 0
    was_back: bool = False

    def and_(self, other: Beside) -> Beside:
        """Of an account that two channels say to be gone, the more of each."""
        return Beside(
            gone_with=max(self.gone_with, other.gone_with),
            canary_gone=self.canary_gone or other.canary_gone,
            were_back=max(self.were_back, other.were_back),
            was_back=self.was_back or other.was_back,
        )


ALONE = Beside()
