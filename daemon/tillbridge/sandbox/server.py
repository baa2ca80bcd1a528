"""The make-believe shop on a port: its REST API for programs and its page for people."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from tillbridge.sandbox import page
from tillbridge.sandbox.counter import Counter

LARGEST_BODY = 8 * 1024 * 1024
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(counter: Counter) -> Flask:
    """The web application: WordPress's REST API under /wp-json and /?rest_route=, the page at the root."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    def answer() -> Response:
        query = request.query_string.decode("latin-1")
        target = quote(request.path) + (f"?{query}" if query else "")
        found = counter.handle(request.method, target, dict(request.headers), request.get_data())
        return make_response(found.body, found.status, dict(found.headers))

    @app.before_request
    def plain_permalinks() -> Response | None:
        return answer() if request.path == "/" and "rest_route" in request.args else None

    @app.route("/wp-json/<path:_rest>", methods=_METHODS, provide_automatic_options=False)
    def pretty_permalinks(_rest: str) -> Response:
        return answer()

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[Response, int]:
        return jsonify(code=error.name.lower().replace(" ", "_"), message=error.description), error.code or 500

    page.attach(app, counter)
    return app


def now() -> datetime:
    """The one place where this program looks at the clock."""
    return datetime.now(UTC)
