"""Asking several at the same time, and waiting for nobody longer than agreed: who hangs must not hide the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from tillbridge.ports import Clock

T = TypeVar("T")


def abreast(
    questions: Sequence[Callable[[], T]], clock: Clock, patience: float, leave: Callable[[], None] = lambda: None
) -> list[T | None]:
    """The answers in order, None where there was none within `patience` seconds for all together. `leave` is called in
    every thread that asked, at its end."""
    answers: list[T | None] = [None] * len(questions)

    def ask(at: int) -> None:
        try:
            answers[at] = questions[at]()
        finally:
            leave()

    threads = [threading.Thread(target=ask, args=(at,), name="asking", daemon=True) for at in range(len(questions))]
    for thread in threads:
        thread.start()
    deadline = clock.now() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - clock.now()))
    return list(answers)
