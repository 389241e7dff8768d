"""The screens by name: a set to which one more file can be added. Each has a title, and is made for a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mediawatch.locale import N_
from mediawatch.tui.pane import SCREEN_KEYS, Pane
from mediawatch.tui.places import Place
from mediawatch.tui.screens.account import AccountPane
from mediawatch.tui.screens.alerts import AlertsPane
from mediawatch.tui.screens.answer import AnswerPane
from mediawatch.tui.screens.areas import AreasPane
from mediawatch.tui.screens.board import BoardPane
from mediawatch.tui.screens.cases import CasePane, CasesPane
from mediawatch.tui.screens.differences import DifferencesPane
from mediawatch.tui.screens.finding import FindingPane
from mediawatch.tui.screens.inspections import InspectionPane, InspectionsPane
from mediawatch.tui.screens.log import LogPane
from mediawatch.tui.screens.platforms import PlatformsPane
from mediawatch.tui.screens.pulse import PulsePane
from mediawatch.tui.screens.receivers import ReceiversPane
from mediawatch.tui.screens.review import ReviewPane


class Kind(NamedTuple):
    """A kind of screen: its title, of the catalogue, and what shows a place of it."""

    title: str
    make: Callable[[Place], Pane[Any]]


_MADE: dict[str, Callable[[Place], Pane[Any]]] = {
    "pulse": PulsePane,
    "board": BoardPane,
    "alerts": AlertsPane,
    "review": ReviewPane,
    "platforms": PlatformsPane,
    "log": LogPane,
    "areas": AreasPane,
    "inspections": InspectionsPane,
    "cases": CasesPane,
    "receivers": ReceiversPane,
}

SCREENS: dict[str, Kind] = {
    **{screen: Kind(title, _MADE[screen]) for screen, title in SCREEN_KEYS},
    "account": Kind(N_("Account"), AccountPane),
    "finding": Kind(N_("Finding"), FindingPane),
    "answer": Kind(N_("Kept answer"), AnswerPane),
    "inspection": Kind(N_("Inspection"), InspectionPane),
    "case": Kind(N_("Case"), CasePane),
    "differences": Kind(N_("Filing against register"), DifferencesPane),
}
