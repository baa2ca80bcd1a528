"""Products that are changed after they were linked: another SKU, a namesake, hidden, made variable, no longer counted.
A link is between two things, not between two names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tests.e2e import servers
from tests.e2e.report import Checks, Tell
from tests.e2e.rest import OwnersApi
from tests.e2e.stage import PATIENCE, SHELF, Entry, Stage, set_up
from tests.e2e.steps import Steps
from tests.e2e.wordpress import RealShop

SKUS = ("CUP", "BOWL", "PLATE")


class ChangedGoods(Steps):
    """The flow, step by step, on one stage."""

    def __init__(self, stage: Stage, checks: Checks) -> None:
        super().__init__(stage, checks)
        self.api = OwnersApi(stage.shop)

    def renamed(self) -> None:
        """Another SKU is still the same thing, and another thing with the SKU of old is not."""
        cup = self.stage.products["CUP"]
        self.step("another SKU: moves nothing", partial(self._put, cup, sku="MUG"))
        self.step("ordered under its new SKU", partial(self._order, "CUP", cup, "-2"))
        self._sold_at_till("CUP", "renamed")
        namesake = self.shop.add_product("CUP", 5, "Another cup")
        self.stage.sync()
        servers.wait_until(lambda: self._held("CUP") != [], "the namesake is held out", PATIENCE, 0.1)
        self.checks.expect("another product with the SKU of old", found=self._held("CUP"), wanted=["taken"])
        self.checks.expect("its link is called as the shop calls it", found=self.stage.called(cup), wanted="MUG")
        self.step("the namesake is ordered: moves nothing at the till", lambda: self._order("", namesake, ""))
        self.api.delete(f"products/{namesake}", force=True)
        self.step("no SKU at all: moves nothing", partial(self._put, cup, sku=""))
        self.step("ordered without a SKU", partial(self._order, "CUP", cup, "-1"))
        self.step("its SKU of old again: moves nothing", partial(self._put, cup, sku="CUP"))
        self.checks.expect("still as many links", found=self.stage.status()["links"], wanted=len(SKUS))

    def hidden(self) -> None:
        """What customers do not see lies on the shelf all the same."""
        bowl = self.stage.products["BOWL"]
        for status in ("draft", "private", "publish"):
            self.step(f"{status}: moves nothing", partial(self._put, bowl, status=status))
            self._sold_at_till("BOWL", status)

    def made_variable(self) -> None:
        """It comes in sizes now, and goes on to be counted as one."""
        bowl = self.stage.products["BOWL"]
        sizes = {"name": "Size", "options": ["S", "M"], "variation": True, "visible": True}

        def sized() -> Sequence[Entry]:
            self._put(bowl, type="variable", attributes=[sizes])
            wanted = {"regular_price": "10", "attributes": [{"name": "Size", "option": "S"}]}
            self.size = int(self.api.call("POST", f"products/{bowl}/variations", wanted)["id"])
            return []

        def ordered() -> Sequence[Entry]:
            line = {"product_id": bowl, "variation_id": self.size, "quantity": 3}
            return [Entry("BOWL", "-3", "order_line", str(self.api.order([line])["id"]))]

        self.step("comes in sizes: moves nothing", sized)
        self.step("one size is ordered", ordered)
        self._sold_at_till("BOWL", "comes in sizes")

    def not_counted(self) -> None:
        """Nobody counts it for a while. What changed then is NOT SEEN YET: unknown is never zero, and reconcile will
        find it. What the till sells meanwhile is not lost."""
        plate, item = self.stage.products["PLATE"], self.stage.items["PLATE"]
        kept = self.stage.products.pop("PLATE")
        self.step("no longer counted: moves nothing", partial(self._put, plate, manage_stock=False))
        self.step("ordered uncounted: moves nothing", lambda: self._order("", plate, ""))
        self.stage.till.record("sales", item, 1)
        told = "Stock management is off for this product"
        servers.wait_until(lambda: told in self._sentence("PLATE"), "a person is told", PATIENCE, 0.1)
        entry, at_till = self.stage.last_entry(), self.stage.till.level(item)
        self._put(plate, manage_stock=True, stock_quantity=90)
        self.stage.products["PLATE"] = kept
        self.stage.daemon.command("queue", "retry", "all")
        self.stage.await_level("PLATE", 89)
        self.stage.await_rest("counted again")
        found = (self.shop.level(plate), self.stage.till.level(item), self.stage.born(entry))
        text = "counted again: the till's sale is made up for, the new count is NOT SEEN YET"
        self.checks.expect(text, found=found, wanted=(89.0, at_till, []))

    def _put(self, product_id: int, **fields: object) -> Sequence[Entry]:
        self.api.call("PUT", f"products/{product_id}", fields)
        return []

    def _order(self, sku: str, product_id: int, amount: str) -> Sequence[Entry]:
        quantity = abs(int(amount or 1))
        order = self.api.order([{"product_id": product_id, "quantity": quantity}])
        return [Entry(sku, amount, "order_line", str(order["id"]))] if sku else []

    def _sold_at_till(self, sku: str, what: str) -> None:
        wanted = self.shop.level(self.stage.products[sku]) - 1
        self.stage.till.record("sales", self.stage.items[sku], 1)
        self.stage.await_level(sku, wanted)
        self.stage.await_rest(what)
        self.checks.expect(f"{what}: sold at the till", found=self.stage.in_shop()[sku], wanted=wanted)

    def _held(self, sku: str) -> list[str]:
        """Why products of this SKU are held out."""
        found = self.stage.daemon.command("queue", "list", "--format", "json").json["held_out"]
        return [str(held["reason"]) for held in found if held["sku"] == sku]

    def _sentence(self, sku: str) -> str:
        """What `tillbridge queue` says of its waiting changes."""
        rows = self.stage.daemon.command("queue", "list", "--format", "json").json["rows"]
        return " ".join(str(row["sentence"]) for row in rows if row["sku"] == sku)


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    with set_up(shop, {sku: shop.add_product(sku, SHELF, sku.title()) for sku in SKUS}) as stage:
        changed = ChangedGoods(stage, checks)
        changed.renamed()
        changed.hidden()
        changed.made_variable()
        changed.not_counted()
        checks.figures["entries"] = len(stage.born())
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e changed-goods", "a link is between two things, whatever they are called", 1)
