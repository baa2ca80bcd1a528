"""The register's one page: plain forms that work without a script, on a phone as on the counter's screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for

from tillbridge.till import amounts
from tillbridge.till.api import About
from tillbridge.till.gate import Gate
from tillbridge.till.order_desk import Shown
from tillbridge.till.papers import Document
from tillbridge.till.refusal import Refusal
from tillbridge.till.register import Basket, Register


class Page:
    """The views over one register. Whoever serves them sees to it that only one runs at a time."""

    def __init__(self, about: About, register: Register, gate: Gate) -> None:
        self._about = about
        self._register = register
        self._orders = register.orders
        self._gate = gate

    def attach(self, app: Flask) -> None:
        """Put the page at the root of a web application."""
        blueprint = Blueprint("page", __name__, template_folder="templates", static_folder="static")
        blueprint.before_request(self._admit)
        blueprint.after_request(self._gate.seal)
        blueprint.get("/", endpoint="home")(self.home)
        blueprint.post("/sell", endpoint="sell")(self.sell)
        blueprint.post("/return", endpoint="return")(self.take_back)
        blueprint.post("/delivery", endpoint="delivery")(self.receive)
        blueprint.post("/switch", endpoint="switch")(self.switch)
        blueprint.post("/order/collect", endpoint="collect")(self.collect)
        blueprint.post("/order/return", endpoint="order-return")(self.take_order_back)
        app.register_blueprint(blueprint)

    def home(self) -> Response:
        try:
            return self._show()
        except Refusal as no:
            return _words(no.message, no.status)

    def sell(self) -> Response:
        """Every button of the basket: put in, take out, choose, pay."""
        basket = None
        try:
            basket = self._basket()
            step, _, detail = request.form.get("do", "").partition(":")
            if step == "pay":
                return _done(self._register.pay(basket, detail if detail in ("cash", "card") else "other"))
            sought = f"#{detail}" if step == "choose" else request.form.get("find", "")
            if sought.strip():
                basket = self._register.scan(basket, sought)
        except Refusal as no:
            return self._show(basket, no)
        return self._show(basket)

    def take_back(self) -> Response:
        return self._attempt(lambda: self._register.take_back(request.form))

    def receive(self) -> Response:
        return self._attempt(lambda: self._register.receive(request.form))

    def switch(self) -> Response:
        return self._attempt(lambda: self._register.switch(request.form.get("to", "")))

    def collect(self) -> Response:
        return self._attempt(lambda: self._orders.collect(request.form), self._order_of_form())

    def take_order_back(self) -> Response:
        form = request.form
        lines, pieces = form.getlist("line"), form.getlist("pieces")
        return self._attempt(lambda: self._orders.take_back(form, lines, pieces), self._order_of_form())

    def _order_of_form(self) -> str:
        return request.form.get("reference", "")

    def _basket(self) -> Basket:
        """The basket in the form, without the line whose Remove button was pressed."""
        items, quantities = request.form.getlist("item"), request.form.getlist("quantity")
        step, _, detail = request.form.get("do", "").partition(":")
        if step == "remove" and detail in items:
            at = items.index(detail)
            items, quantities = items[:at] + items[at + 1 :], quantities[:at] + quantities[at + 1 :]
        return self._register.refill(request.form, items, quantities)

    def _attempt(self, action: Callable[[], str], order: str = "") -> Response:
        try:
            return _done(action(), order)
        except Refusal as no:
            return self._show(None, no)

    def _show(self, basket: Basket | None = None, problem: Refusal | None = None) -> Response:
        browser = self._gate.browser(request)
        show = request.args.get("show", "")[:100]
        basket = basket or self._register.basket()
        sought = request.args.get("order", "") or self._order_of_form()
        shown, lost = self._order(sought)
        problem = problem or lost
        html = render_template(
            "till.html",
            about=self._about,
            desk=self._register.desk(show),
            basket=basket,
            keys=self._register.keys(),
            done=self._register.look_up(request.args.get("done", "")),
            show=show,
            sought=shown.name if shown else sought[:100],
            shown=shown,
            latest=self._orders.latest(),
            payment_types=self._orders.payment_types(),
            problem=problem.message if problem else basket.problem,
            token=self._gate.token(browser),
            money=amounts.money,
            spell=amounts.spell,
            local=_local,
        )
        return self._gate.remember(make_response(html, problem.status if problem else 200), browser)

    def _order(self, sought: str) -> tuple[Shown | None, Refusal | None]:
        """The order that is looked at, or why there is none."""
        try:
            return self._orders.find(sought), None
        except Refusal as no:
            return None, no

    def _admit(self) -> Response | None:
        objection = self._gate.objection(request)
        return None if objection is None else _words(objection, 403)


def _done(number: str, order: str = "") -> Response:
    """After something was recorded the browser asks for the page again: reloading it repeats nothing."""
    asked = {name: value for name, value in (("done", number), ("order", order)) if value}
    where = url_for("page.home") + (f"?{urlencode(asked)}" if asked else "")
    return make_response(redirect(where, 303))


def _words(message: str, status: int) -> Response:
    return make_response(message + "\n", status, {"Content-Type": "text/plain; charset=utf-8"})


def _local(document: Document) -> str:
    """When it happened, as the clock on this shop's wall shows it."""
    return datetime.fromisoformat(document.at).astimezone().strftime("%d %b %H:%M")
