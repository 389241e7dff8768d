"""What the national filing asks of an account beside what the register needs (全国政务新媒体信息报送系统). Pure values.

The template itself is not public; the fields are those that offices are known to fill in. Each may be left out.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from mediawatch.core.value import Value

PERSONAL = frozenset({"leader", "officer", "staff", "contact", "contact_phone"})
"""Fields that name people: shown to the office itself, left out of every notice, page, roll-up and snapshot."""


class Filing(Value):
    """The record of an account as it is filed (备案). Days are Shanghai days.

    platform_id: the platform's own number or name for it. main: whether it stands for the government itself (代表主体).
    update_promise: how often it says that it posts. moved_to: where it went, when it moved or was merged.
    """

    platform_id: str = ""
    link: str = ""
    qr_code: str = ""
    verified_type: str = ""
    verified_name: str = ""
    verified_reason: str = ""
    sponsor_uscc: str = ""
    system: str = ""
    main: bool | None = None
    opened_on: date | None = None
    filed_on: date | None = None
    filing_no: str = ""
    filing_state: str = ""
    run_by: Literal["own", "outsourced", ""] = ""
    contractor: str = ""
    leader: str = ""
    officer: str = ""
    staff: str = ""
    contact: str = ""
    contact_phone: str = ""
    scope: str = ""
    update_promise: str = ""
    interaction: str = ""
    closing_requested_on: date | None = None
    closing_approved_on: date | None = None
    cancelled_on: date | None = None
    moved_to: str = ""
    app_package: str = ""
    app_stores: tuple[str, ...] = ()
    app_version: str = ""
    icp_no: str = ""
    cac_no: str = ""
    server: str = ""

    def impersonal(self) -> Filing:
        """The same without the fields that name people."""
        return self.model_copy(update=dict.fromkeys(PERSONAL, "")) if self != UNFILED else self


UNFILED = Filing()
"""Nothing is written of its filing: the same value for all such accounts."""
