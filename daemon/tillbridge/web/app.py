"""The listener: events from the shop, hints from the till, figures for monitoring; `control` and `pair` add theirs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from tillbridge.core.stock import SideName
from tillbridge.intake import Intake, read_object
from tillbridge.pairing import Pairing
from tillbridge.ports import Clock, Controls, Desk
from tillbridge.web import answers
from tillbridge.web.answers import answer
from tillbridge.web.control import add_control
from tillbridge.web.guard import BEARER, OPEN, TILL, Admitted, Guard
from tillbridge.web.keys import Keys
from tillbridge.web.lane import EVENTS, Lane
from tillbridge.web.limits import Limits
from tillbridge.web.monitoring import Figures, Health, Traffic
from tillbridge.web.pair import add_pairing, add_parting
from tillbridge.web.route import add
from tillbridge.web.signature import Nonces

LANE = "tillbridge_lane"


def create_app(
    intake: Intake,
    controls: Controls,
    keys: Keys,
    limits: Limits,
    clock: Clock,
    pairing: Pairing | None = None,
    desk: Desk | None = None,
) -> Flask:
    """The whole listener as a WSGI application. Reads the nonces that a restart must not forget from `intake`."""
    app = Flask("tillbridge.web", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = limits.body
    # A doubled slash is another address, not one to be redirected to: what is signed is the path as it came.
    app.url_map.merge_slashes = False
    traffic = Traffic()
    views = Views(intake, controls, Health(controls, clock), Figures(controls, traffic).registry(), traffic)
    add(app, "POST", EVENTS, "events", views.events)
    add(app, "POST", "/v1/pos/hint", TILL, views.hint)
    add_control(app, controls, desk, views.remember)
    add(app, "GET", "/healthz", OPEN, views.healthz)
    add(app, "GET", "/metrics", BEARER, views.metrics)
    if pairing is not None:
        add_pairing(app, pairing)
        add_parting(app, pairing, views.remember)
    answers.register(app)
    guard = Guard(keys, limits, Nonces(intake.nonces(), clock.now()), clock)
    app.before_request(guard.before_request)
    app.after_request(guard.after_request)
    app.after_request(_finish(traffic))
    app.extensions[LANE] = Lane(guard, intake, traffic, limits.body)
    return app


def lane_of(app: Flask) -> Lane:
    """The lane that a server of this application should send pushes of events to, instead of to Flask."""
    lane: Lane = app.extensions[LANE]
    return lane


class Views:
    """What each route does once the guard has let the request in."""

    def __init__(
        self, intake: Intake, controls: Controls, health: Health, registry: CollectorRegistry, traffic: Traffic
    ) -> None:
        self._intake = intake
        self._controls = controls
        self._health = health
        self._registry = registry
        self._traffic = traffic

    def events(self) -> Response:
        """Store what the shop pushes, then acknowledge exactly what is stored (where it did not come by the lane)."""
        admitted: Admitted = g.admitted
        acked = self._intake.receive(request.get_data(), admitted.nonce, admitted.nonce_until)
        self._traffic.count_events(len(acked))
        return answer(200, {"acked": acked})

    def hint(self) -> Response:
        """The till has news: look soon. Not made durable, since a hint that is repeated only costs a look."""
        read_object(request.get_data())
        self._controls.hint(SideName.POS)
        return answer(202, {})

    def remember(self, admitted: Admitted) -> None:
        """Put a nonce on disk before its request takes effect."""
        self._intake.remember(admitted.nonce, admitted.nonce_until)

    def healthz(self) -> Response:
        """For a watchdog; open to everybody, so it says nothing about the shop."""
        healthy, facts = self._health()
        return answer(200 if healthy else 503, {**facts, "healthy": healthy})

    def metrics(self) -> Response:
        """The text that Prometheus reads."""
        return Response(generate_latest(self._registry), 200, content_type=CONTENT_TYPE_LATEST)


def _finish(traffic: Traffic) -> Callable[[Response], Response]:
    def finish(response: Response) -> Response:
        rule = request.url_rule
        traffic.count_request(rule.rule if rule else "unknown", response.status_code)
        response.headers["Cache-Control"] = "no-store"
        return response

    return finish
