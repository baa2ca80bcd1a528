"""The main job in front of your eyes: a till, a shop and the bridge between them, three programs on this machine.

Sells on both sides and waits each time until the other side shows it. Everything lies in a folder of its own that is
removed at the end; nothing leaves the loopback interface.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tillbridge.core.stock import SideName, spell
from tillbridge.demo.stage import Rest, Stage, Voice

PAUSE = 0.7
"""Seconds between two sales, so that a person can follow."""


@dataclass(slots=True)
class Story:
    """What happened, for the closing line."""

    sales: dict[str, int] = field(default_factory=lambda: {"shop": 0, "till": 0, "both": 0, "returns": 0})
    crossed_ms: list[float] = field(default_factory=list)
    late: int = 0


def run(seconds: float | None, voice: Voice) -> int:
    """Play the demo for so many seconds (None: until Ctrl-C). 0 only if both sides agree at the end and nothing is
    left."""
    with tempfile.TemporaryDirectory(prefix="tillbridge-demo-") as folder, ExitStack() as programs:
        stage = Stage(Path(folder), programs, voice)
        began = stage.clock.now()
        story = Story()
        try:
            stage.tell_where()
            stage.wait_until_linked()
            while seconds is None or stage.clock.now() - began < seconds:
                _act(stage, story)
        except KeyboardInterrupt:
            stage.say("\nEnough. Letting everything come to rest …")
        rest = stage.come_to_rest()
        _close(stage, story, rest, stage.clock.now() - began)
        return 0 if rest.in_step else 1


def _close(stage: Stage, story: Story, rest: Rest, seconds: float) -> None:
    crossed = sorted(story.crossed_ms)
    figures = {
        "seconds": round(seconds, 1),
        "sales": story.sales,
        "crossed_ms_median": round(crossed[len(crossed) // 2], 1) if crossed else None,
        "crossed_ms_worst": round(crossed[-1], 1) if crossed else None,
        "late": story.late,
        "agree": rest.agree,
        "left": rest.left,
        "levels": {sku: [spell(a), spell(b)] for sku, (a, b) in stage.levels().items()},
    }
    if stage.voice is Voice.JSON:
        print(json.dumps({"name": "demo", "holds": rest.in_step, "figures": figures}))
        return
    stage.table()
    stage.say(
        f"{sum(story.sales.values())} sales and returns;"
        f" a change crossed in {figures['crossed_ms_median']} ms (median)."
    )
    stage.say(
        "Both sides agree, nothing is left." if rest.in_step else f"NOT in step: {rest.left or 'the levels differ'}"
    )


def _act(stage: Stage, story: Story) -> None:
    """One thing happens in the shop, at the till, or at both at once; then watch it cross."""
    dice = stage.dice
    sku = dice.choice(sorted(stage.items))
    what = dice.choices(("shop", "till", "both", "returns"), (4, 4, 2, 1))[0]
    quantity = 2 if what == "both" else dice.randint(1, 2)  # never as many as the till sells: equal before they crossed
    if stage.level(SideName.POS, sku) < 6:
        stage.deliver(sku, 12)
        stage.settle(sku)
    before = stage.level(SideName.POS, sku)
    started = stage.clock.now()
    if what in ("shop", "both"):
        stage.buy(sku, quantity)
    if what in ("till", "both"):
        stage.ring("sales", sku, 1)
    if what == "returns":
        stage.ring("returns", sku, 1)
    story.sales[what] += 1
    sold = {"shop": quantity, "till": 1, "both": quantity + 1, "returns": -1}[what]
    crossed = stage.settle(sku)
    if crossed:
        story.crossed_ms.append((stage.clock.now() - started) * 1000)
    else:
        story.late += 1
    words = {
        "shop": "the shop sells",
        "till": "the till sells",
        "both": "both sell at once,",
        "returns": "the till takes back",
    }
    after = stage.level(SideName.POS, sku)
    stage.say(
        f"{words[what]} {abs(sold)} × {sku}: {spell(before)} → {spell(after)} on both sides"
        f" after {(stage.clock.now() - started) * 1000:.0f} ms" if crossed else f"{sku} has not crossed yet"
    )  # fmt: skip
    stage.rest(PAUSE)
