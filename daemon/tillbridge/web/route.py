"""Adding a route to the listener."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response


def add(app: Flask, method: str, path: str, endpoint: str, view: Callable[[], Response]) -> None:
    """A route for one method, without the answer to OPTIONS that Flask would give to anybody."""
    app.add_url_rule(path, endpoint, view, methods=[method], provide_automatic_options=False)
