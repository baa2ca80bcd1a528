"""The days that an audit is about, in the time zone of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from tillbridge.errors import Malformed

LONGEST = 366
"""Days in one audit."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of one day to the end of another, as the shop's calendar has them. `end` is not in it."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begin(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return _midnight(self.last + timedelta(days=1), self.zone)

    def holds(self, at: datetime) -> bool:
        """Whether something happened in it."""
        return self.begin <= at < self.end

    def shown(self, at: datetime) -> str:
        """A time as the shop's clock shows it."""
        return at.astimezone(self.zone).isoformat(timespec="seconds")


def days(first: str, last: str) -> tuple[date, date]:
    """Two days as they were written; `last` "" is the first. Raises `Malformed`."""
    begin = _day("from", first)
    end = _day("to", last) if last else begin
    if not begin <= end < begin + timedelta(days=LONGEST):
        raise Malformed(f"to: found {last}, allowed is a day from {first} on, at most {LONGEST} days together")
    return begin, end


def _day(name: str, text: str) -> date:
    try:
        if len(text) == len("2026-11-28"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed(f"{name}: found {ascii(text[:40])}, allowed is a day as 2026-11-28")


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
