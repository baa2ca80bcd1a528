"""Orders and refunds of a real WooCommerce as documents at a real till, each once, each to the cent."""

from __future__ import annotations

from tests.contracts.order_figures import MODES, SCENARIOS, Counter
from tests.e2e import servers
from tests.e2e.order_bench import Bench
from tests.e2e.order_scenes import Scenes
from tests.e2e.order_shop import OrderShop
from tests.e2e.report import Checks, Tell
from tests.e2e.stage import PATIENCE, Stage, set_up
from tests.e2e.wordpress import RealShop

FEW = ("three cups", "a third off", "the same thing in two lines", "refunded by line", "nothing to pay")
WHOLE = ("gross-line", "net-subtotal")
"""In these modes of prices and rounding every scenario is made, in the others a few."""

PROMISE = "orders and refunds reach the till, each once, each to the cent, or are shown with the reason"


def run_few(shop: RealShop, tell: Tell) -> int:
    """Five orders: whether the whole chain works."""
    checks, desk = Checks(tell), OrderShop(shop)
    with set_up(shop, desk.linked, desk.settings()) as stage:
        bench = Bench(stage, desk, checks)
        desk.mode(*MODES["gross-line"])
        for name in FEW:
            bench.made(name, SCENARIOS[name](Counter(desk)))
        bench.compare("five orders")
        bench.table()
        bench.finish()
    return checks.publish("e2e few-orders", PROMISE, 1)


def run(shop: RealShop, tell: Tell) -> int:
    """All of them; the daemon is killed, the till is away, the register is closed."""
    checks, desk = Checks(tell), OrderShop(shop)
    parent, variation = desk.add_variation("SHIRT", "14.99")
    with set_up(shop, desk.linked, desk.settings()) as stage:
        bench = Bench(stage, desk, checks)
        desk.mode(*MODES["gross-line"])
        scenes = Scenes(stage, desk, bench, (parent, variation))
        for make in (scenes.plain, scenes.policies, scenes.edits, scenes.refunds, scenes.ends):
            scenes.play([(make.__name__, make)])
        bench.compare("orders are made")
        stage.till.call("PUT", "/v1/register", {"open": False})
        scenes.play(scenes.after[:8])
        servers.wait_until(lambda: bench.count_parked("register_closed") > 0, "what it refuses is shown", PATIENCE, 0.5)
        stage.till.call("PUT", "/v1/register", {"open": True})
        scenes.play(scenes.after[8:])
        bench.rest("a closed register")
        servers.wait_until(lambda: not bench.count_parked("register_closed"), "released by itself", PATIENCE, 0.5)
        bench.compare("edited, refunded, thrown away, the register closed meanwhile")
        scenes.play(scenes.last)
        bench.compare("refund deleted, taken up again, untrashed")
        _rounding(stage, desk, bench)
        bench.compare("every scenario that rounds, the daemon killed and the till away meanwhile")
        _other_policies(stage, scenes, bench)
        bench.table()
        bench.finish()
    return checks.publish("e2e orders", PROMISE, 1)


def _rounding(stage: Stage, desk: OrderShop, bench: Bench) -> None:
    """Every scenario in one mode of prices and rounding after the other."""
    for mode, (included, at_subtotal) in MODES.items():
        desk.mode(included, at_subtotal)
        for at, (name, scenario) in enumerate(SCENARIOS.items()):
            if mode not in WHOLE and name not in FEW:
                continue
            bench.made(f"{mode}: {name}", scenario(Counter(desk)))
            if (mode, at) == ("gross-line", 10):
                stage.daemon.kill()
                stage.daemon.start()
            if (mode, at) == ("net-subtotal", 5):
                stage.till.kill()
            if (mode, at) == ("net-subtotal", 12):
                stage.till.start()


def _other_policies(stage: Stage, scenes: Scenes, bench: Bench) -> None:
    """What was parked is released by itself once the settings allow it; what is ignored is left alone."""
    changes = {"orders.unlinked_line": "custom", "orders.unmapped_payment": "ignore"}
    parked = {made.name: made for made in bench.orders}
    for name, state in (("a product that is not linked", "sold"), ("a gateway without a type", "alone")):
        parked[name].state = state
    _set(stage, changes)
    bench.compare("open lines for what is not linked, other gateways ignored")
    _set(stage, {"orders.unlinked_line": "leave-out", "orders.unmapped_payment": "default",
                 "orders.default_payment": "other"})  # fmt: skip
    made, _ = scenes.buy("not linked, left out", ("unlinked", 1), ("cup", 1))
    made.left_out = True
    scenes.buy("another gateway, by the default", ("cup", 1), payment_method="paypal")
    bench.compare("what is not linked left out, other gateways by the default")


def _set(stage: Stage, options: dict[str, str]) -> None:
    stage.daemon.kill()
    stage.daemon.choose(options)
    stage.daemon.start()
