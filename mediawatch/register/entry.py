"""What a register may write of an account and of a unit, field by field. It must not read files or know an adapter."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as WrongNumber

from mediawatch.complaints import unknown_name
from mediawatch.core.filing import Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Value
from mediawatch.core.text import clean
from mediawatch.rulebook_file import KINDS

_ID = re.compile(r"\w[\w.-]{0,99}")
_REGION = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}|")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00(?::00)?)?")
_PHONE = re.compile(r"[0-9+()（）\-－—转 ,;/、#*]{0,60}")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("may hold letters, digits, '.', '-' and '_', at most 100 of them")
    return text


def _parent(text: str) -> str:
    return text and _id(text)


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(unknown_name("kind", text, KINDS))
    return text


def _name(text: str) -> str:
    if not (name := clean(text, 200)):
        raise ValueError("must not be empty")
    return name


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise ValueError('must be a region code of 6, 9 or 12 digits, like "330100"')
    return text


def _state(given: object) -> State:
    try:
        return State(str(given))
    except ValueError:
        raise ValueError(unknown_name("state", str(given), [state.value for state in State])) from None


def _day(given: object) -> object:
    """A number is no day: what spreadsheet programs count days from differs, and a wrong day may accuse somebody."""
    if given is None or (isinstance(given, date) and not isinstance(given, datetime)):
        return given
    if isinstance(given, str) and _DAY.fullmatch(given):
        return given[:10]
    raise ValueError("must be a day, like 2026-03-01")


def _web(text: str) -> str:
    if text and not (text.startswith(("http://", "https://")) and text.isprintable() and len(text) <= 1000):
        raise ValueError("must be an http:// or https:// address")
    return text


def _cleaned(text: str) -> str:
    return clean(text, 200)


def _uscc(text: str) -> str:
    """Raises ValueError for a unified social credit code whose length, letters or check digit are wrong."""
    if not text.strip():
        return ""
    try:
        return str(uscc.validate(text))
    except WrongNumber:
        raise ValueError("is no unified social credit code (统一社会信用代码): 18 letters, the last a check") from None


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("must be an address like office@example.gov.cn")
    return text


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise ValueError("must be a telephone number")
    return text


Id = Annotated[str, AfterValidator(_id)]
Name = Annotated[str, AfterValidator(_name)]
Words = Annotated[str, AfterValidator(_cleaned)]
Web = Annotated[str, AfterValidator(_web)]
Region = Annotated[str, AfterValidator(_region)]
Uscc = Annotated[str, AfterValidator(_uscc)]
Level = Literal["national", "province", "city", "county", "town", ""]
UnitId = Annotated[str, AfterValidator(_parent)]
Day = Annotated[date | None, BeforeValidator(_day)]
Phone = Annotated[str, AfterValidator(_phone)]
Email = Annotated[str, AfterValidator(_email)]


class FilingEntry(Filing):
    """What is filed of an account, as a register writes it."""

    platform_id: Words = ""
    link: Web = ""
    qr_code: Words = ""
    verified_type: Words = ""
    verified_name: Words = ""
    verified_reason: Words = ""
    sponsor_uscc: Uscc = ""
    system: Words = ""
    opened_on: Day = None
    filed_on: Day = None
    closing_requested_on: Day = None
    closing_approved_on: Day = None
    cancelled_on: Day = None
    filing_no: Words = ""
    filing_state: Words = ""
    contractor: Words = ""
    leader: Words = ""
    officer: Words = ""
    staff: Words = ""
    contact: Words = ""
    contact_phone: Phone = ""
    scope: Words = ""
    update_promise: Words = ""
    interaction: Words = ""
    moved_to: Words = ""
    app_package: Words = ""
    app_stores: tuple[Name, ...] = ()
    app_version: Words = ""
    icp_no: Words = ""
    cac_no: Words = ""
    server: Web = ""


class Entry(Value):
    """One account as a register writes it; what its targets hold is checked by their adapters."""

    id: Id
    name: Name
    kind: Annotated[str, AfterValidator(_kind)]
    sponsor: Words = ""
    supervisor: Words = ""
    unit: UnitId = ""
    region: Region = ""
    level: Level = ""
    rulebook: str | None = None
    tags: tuple[Name, ...] = ()
    state: Annotated[State, BeforeValidator(_state)] = State.RUNNING
    state_since: Day = None
    stop_announced: Day = None
    stop_notice: Web = ""
    filing: FilingEntry | None = None
    targets: list[dict[str, Any]]


class ContactEntry(Value):
    """A person to turn to, as a register writes it."""

    name: Name
    role: Words = ""
    phone: Phone = ""
    email: Email = ""


class UnitEntry(Value):
    """One unit as a register writes it."""

    id: Id
    name: Name
    parent: UnitId = ""
    level: Level = ""
    region: Region = ""
    uscc: Uscc = ""
    contacts: tuple[ContactEntry, ...] = ()
    receivers: tuple[Name, ...] = ()
