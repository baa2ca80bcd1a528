"""The till on a port: its API for programs and its page for people, served from one process on this computer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from tillbridge.till.api import Api
from tillbridge.till.page import Page
from tillbridge.till.reading import LARGEST_BODY

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class OneAtATime:
    """One till has one drawer: requests use the books one after the other. They arrive complete, so nobody dawdles."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._drawer = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._drawer:
            return self._app(environ, start_response)


def create_app(api: Api, page: Page) -> Flask:
    """The web application: the API under /v1/, the page at the root."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.route("/v1/", defaults={"_rest": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/v1/<path:_rest>", methods=_METHODS, provide_automatic_options=False)
    def answer(_rest: str) -> Response:
        query = request.query_string.decode("latin-1")
        target = quote(request.path) + (f"?{query}" if query else "")
        answer = api.handle(request.method, target, dict(request.headers), request.get_data())
        return make_response(answer.body, answer.status, dict(answer.headers))

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[Response, int]:
        code = error.name.lower().replace(" ", "_")
        return jsonify(code=code, message=error.description), error.code or 400

    @app.errorhandler(sqlite3.Error)
    def broken(error: sqlite3.Error) -> tuple[Response, int]:
        return jsonify(code="storage", message=f"the till's database refuses: {error}"), 503

    page.attach(app)
    app.wsgi_app = OneAtATime(app.wsgi_app)  # type: ignore[method-assign]
    return app
