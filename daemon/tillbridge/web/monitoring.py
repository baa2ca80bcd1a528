"""Figures for Prometheus and an answer for the watchdog: is the bridge at work, and how much waits?"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tillbridge.ports import Clock, Controls

HEALTH_SECONDS = 1.0
"""For so long an answer about our health is given again, so that many questions are not much work."""

_NAME = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]*)"(?:,|$)')


class Traffic:
    """What the door itself counts: requests by route and status, and events that were acknowledged."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._events = 0
        self._lock = threading.Lock()

    def count_request(self, route: str, status: int) -> None:
        """`route` must come from the route map: what strangers invent would grow without bound."""
        with self._lock:
            self._requests[route, status] += 1

    def count_events(self, number: int) -> None:
        """Events that are on disk and were acknowledged."""
        with self._lock:
            self._events += number

    def read(self) -> tuple[dict[tuple[str, int], int], int]:
        """Requests by route and status, and the events."""
        with self._lock:
            return dict(self._requests), self._events


class Figures(Collector):
    """Everything that `/metrics` shows, read at the moment somebody asks."""

    def __init__(self, controls: Controls, traffic: Traffic) -> None:
        self._controls = controls
        self._traffic = traffic

    def registry(self) -> CollectorRegistry:
        """A registry of its own: the process-wide one belongs to nobody, and two apps in a test would share it."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return registry

    def describe(self) -> list[Metric]:
        """Nothing: registering must not already ask the daemon for its figures."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The daemon's gauges, then the listener's own counters."""
        yield from _gauges(self._controls.figures())
        requests, events = self._traffic.read()
        by_route = CounterMetricFamily(
            "tillbridge_listener_requests", "Requests answered by the listener.", labels=["route", "status"]
        )
        for (route, status), number in sorted(requests.items()):
            by_route.add_metric([route, str(status)], number)
        yield by_route
        yield CounterMetricFamily("tillbridge_listener_events", "Events acknowledged to the shop.", value=events)


class Health:
    """`Controls.healthy`, asked at most once a second."""

    def __init__(self, controls: Controls, clock: Clock) -> None:
        self._controls = controls
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._said: tuple[bool, dict[str, object]] = (False, {})

    def __call__(self) -> tuple[bool, dict[str, object]]:
        with self._lock:
            now = self._clock.now()
            if now - self._asked_at >= HEALTH_SECONDS:
                self._said = self._controls.healthy()
                self._asked_at = now
            return self._said


def _gauges(figures: dict[str, float]) -> list[GaugeMetricFamily]:
    """One family for each name, with its labels; a name that Prometheus would not take is left out."""
    families: dict[tuple[str, tuple[str, ...]], GaugeMetricFamily] = {}
    for spelled, value in sorted(figures.items()):
        match = _NAME.fullmatch(spelled)
        if match is None:
            continue
        labels = dict(_LABEL.findall(match[2] or ""))
        kind = match[1], tuple(labels)
        if kind not in families:
            families[kind] = GaugeMetricFamily(match[1], "Told by the daemon.", labels=list(labels))
        families[kind].add_metric(list(labels.values()), value)
    return list(families.values())
