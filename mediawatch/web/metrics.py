"""`/metrics` for Prometheus, from the views that people see. Never labelled by account, unit or address.

Hosts of one kind of platform (`feed:host`) are counted together, so that the number of series is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mediawatch import __version__
from mediawatch.core.reading import Source
from mediawatch.core.views import PlatformView

WINDOW = timedelta(days=1)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """tick_age: as in `health.py`. clock: the present instant."""

    def __init__(
        self, source: Callable[[], Source], clock: Callable[[], datetime], tick_age: Callable[[], float | None]
    ) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.answers = Counter(
            "mediawatch_web_answers", "Answers of the listener", ["code"], registry=self._registry
        )  # fmt: skip
        self._registry.register(_Record(source, clock, tick_age))

    def text(self) -> bytes:
        """All series as text. Reads the store: for the reader's thread."""
        return generate_latest(self._registry)


class _Record(Collector):
    def __init__(
        self, source: Callable[[], Source], clock: Callable[[], datetime], tick_age: Callable[[], float | None]
    ) -> None:
        self._source, self._clock, self._tick_age = source, clock, tick_age

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        source, now = self._source(), self._clock()
        counts = source.counts(now)
        yield _gauge("mediawatch_build", "The version that runs", [((__version__,), 1.0)], "version")
        age = self._tick_age()
        if age is not None:
            yield _gauge("mediawatch_tick_age_seconds", "Since the daemon's last tick", [((), age)])
        found = [((one.value,), float(number)) for one, number in counts.by_standing.items()]
        yield _gauge("mediawatch_accounts", "Accounts by outcome", found, "outcome")
        yield _gauge("mediawatch_alerts_open", "Confirmed breaches and incidents", [((), counts.alerts_open)])
        yield _gauge("mediawatch_notices_owed", "Notices promised and not yet sent", [((), counts.notices_owed)])
        yield _gauge("mediawatch_targets_due", "Targets that wait for a look", [((), counts.due)])
        if counts.last_look_at is not None:
            last = counts.last_look_at.timestamp()
            yield _gauge("mediawatch_last_look_timestamp_seconds", "When the last look was made", [((), last)])
        yield from _platforms(source.platforms(now, WINDOW))
        failing = [((one.name,), float(one.failed)) for one in source.receivers(now) if one.kind]
        yield _gauge(
            "mediawatch_receiver_failed_attempts", "Attempts in a row that it took nothing of", failing, "receiver"
        )
        ends = [((one.platform, one.name), one.expires_at.timestamp()) for one in source.sessions(now)]
        yield _gauge("mediawatch_session_expires_timestamp_seconds", "When a login ends", ends, "platform", "session")


def _platforms(found: Iterable[PlatformView]) -> Iterator[Metric]:
    kinds: dict[str, list[PlatformView]] = {}
    for one in found:
        kinds.setdefault(one.platform.partition(":")[0], []).append(one)
    looks = GaugeMetricFamily("mediawatch_looks_day", "Looks of the last day", labels=["platform", "result"])
    blind = GaugeMetricFamily("mediawatch_looks_failed_day", "Failed looks by reason", labels=["platform", "reason"])
    trouble = GaugeMetricFamily("mediawatch_incidents_open", "Incidents that stand", labels=["platform"])
    coverage = GaugeMetricFamily("mediawatch_coverage_ratio", "Due looks of the last day that may be relied on, the least of a kind", labels=["platform"])  # fmt: skip # noqa: E501
    for kind, of in sorted(kinds.items()):
        seen = sum(one.seen for one in of)
        looks.add_metric([kind, "seen"], seen)
        looks.add_metric([kind, "failed"], sum(one.looks for one in of) - seen)
        reasons: dict[str, int] = {}
        for one in of:
            for reason, number in one.reasons.items():
                reasons[reason] = reasons.get(reason, 0) + number
        for reason, number in sorted(reasons.items()):
            blind.add_metric([kind, reason], number)
        trouble.add_metric([kind], sum(one.incident_since is not None for one in of))
        told = [one.coverage for one in of if one.coverage is not None]
        if told:
            coverage.add_metric([kind], min(told))
    yield from (looks, blind, trouble, coverage)


def _gauge(name: str, says: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for value in values:
        family.add_metric(value[0], value[1])
    return family
