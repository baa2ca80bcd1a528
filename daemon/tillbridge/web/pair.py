"""The routes of the pairing, and the application of a daemon that knows no shop yet: it listens for one, and nothing
else."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, request

from tillbridge.pairing import Pairing
from tillbridge.ports import Clock
from tillbridge.web import answers
from tillbridge.web.answers import answer
from tillbridge.web.guard import OPEN, PAIR, Admitted, Guard
from tillbridge.web.keys import Keys
from tillbridge.web.limits import Limits
from tillbridge.web.route import add
from tillbridge.web.signature import Nonces

HELLO = "/v1/pair/hello"
AGREE = "/v1/pair"


def add_pairing(app: Flask, pairing: Pairing) -> None:
    """The two routes that take the signature of a code."""
    add(app, "POST", HELLO, f"{PAIR}.hello", lambda: answer(200, pairing.hello(request.get_data())))
    add(app, "POST", AGREE, f"{PAIR}.agree", lambda: answer(200, pairing.pair(request.get_data())))


def add_parting(app: Flask, pairing: Pairing, remember: Callable[[Admitted], None]) -> None:
    """What the paired shop says of the pairing itself. Obeyed once: the nonce is on disk before the effect."""

    def obey(verb: Callable[[], dict[str, object]]) -> Response:
        remember(g.admitted)
        return answer(200, verb())

    add(app, "POST", "/v1/control/site", "site", lambda: obey(lambda: pairing.moved(request.get_data())))
    add(app, "POST", "/v1/control/disconnect", "disconnect", lambda: obey(pairing.disconnect))


def create_front_door(pairing: Pairing, limits: Limits, clock: Clock) -> Flask:
    """All that a daemon without a shop answers: the pairing, and that it is alive."""
    app = Flask("tillbridge.web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = limits.body
    app.url_map.merge_slashes = False
    add_pairing(app, pairing)
    add(app, "GET", "/healthz", OPEN, lambda: answer(200, {"healthy": True, "paired": False}))
    answers.register(app)
    guard = Guard(Keys(store=(), pairing=pairing.key), limits, Nonces({}, clock.now()), clock)
    app.before_request(guard.before_request)
    app.after_request(guard.after_request)
    app.after_request(_uncached)
    return app


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
