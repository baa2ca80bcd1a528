"""The shop's database is copied, moved, and put back from yesterday: nobody acts on a shop that is not the one that
was paired, and a person's word sets each of them going again."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.e2e import calls, servers
from tests.e2e.command_line import CommandLine
from tests.e2e.copied_shop import calls_of_daemon, copied, dump, restore, served_elsewhere
from tests.e2e.people import Staff
from tests.e2e.report import Checks, Tell
from tests.e2e.stage import PATIENCE, SHELF, Stage, set_up
from tests.e2e.wordpress import NAMESPACE, RealShop

WELL, FOUND = 0, 1
ROUTES: tuple[tuple[str, str, object], ...] = (
    ("GET", "/outbox", None),
    ("POST", "/outbox/ack", {"ids": []}),
    ("POST", "/stock/apply", {"changes": []}),
    ("GET", "/stock/levels", None),
    ("GET", "/orders/positions", None),
)
LEFT_BEHIND = """
SELECT COUNT(*) FROM wp_users WHERE user_login = 'tillbridge';
SELECT COUNT(*) FROM wp_woocommerce_api_keys WHERE description = 'Tillbridge';
SELECT COUNT(*) FROM wp_tillbridge_outbox;
SELECT COUNT(*) FROM wp_tillbridge_keys;
SELECT COUNT(*) FROM wp_options WHERE option_name = 'tillbridge_connection' AND option_value <> '';
SELECT COUNT(*) FROM wp_options WHERE option_value LIKE '%{secret}%';
"""


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    goods = {sku: shop.add_product(sku, SHELF) for sku in ("COPIED", "BACK")}
    with set_up(shop, goods) as stage:
        with copied(shop) as copy:
            silent_copy(stage, copy, checks)
            forged_copy(stage, copy, checks)
            confessed_copy(stage, copy, checks)
        yesterday(stage, checks)
        moved(stage, checks)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    promise = "a copy keeps silent, a moved shop goes on, a restored one waits for a person"
    return checks.publish("e2e copies", promise, 1)


def silent_copy(stage: Stage, copy: RealShop, checks: Checks) -> None:
    """Orders on the copy reach nobody, nothing is applied there, and everything that a person looks at says why."""
    before, told = bystanders(stage), waiting(copy)
    product = stage.products["COPIED"]
    copy.checkout([(product, 2)])
    stage.sync()
    stage.await_rest("the shop, while its copy sells")
    checks.expect("a sale on the copy moves the copy", found=copy.level(product), wanted=SHELF - 2.0)
    checks.expect("it is written down there", found=waiting(copy) > told, wanted=True)
    checks.expect("and reaches neither daemon nor till", found=bystanders(stage), wanted=before)
    own = stage.secret()
    answers = {route: signed(copy, own, method, route, body) for method, route, body in ROUTES}
    refused = dict.fromkeys(answers, (409, "tillbridge_elsewhere"))
    checks.expect("its routes say that it is elsewhere", found=answers, wanted=refused)
    change = {"key": "c" * 32, "product_id": product, "delta": "-5"}
    signed(copy, own, "POST", "/stock/apply", {"changes": [change]})
    checks.expect("nothing is applied on the copy", found=copy.level(product), wanted=SHELF - 2.0)
    health = calls.signed_call(f"{copy.url}/wp-json", own, "GET", NAMESPACE + "/health")
    checks.expect("but health tells", found=(health[0], health[1].get("elsewhere")), wanted=(200, True))
    said = CommandLine(copy)("status")
    words = f"This shop answers at {copy.url}, but it was paired at another address"
    checks.expect("status says so", found=(said.status, words in said.err), wanted=(FOUND, True))
    checks.expect("and before anything else", found=first_words(said.err), wanted=words)
    notice = "but it was connected to the till at another address: has it moved, or is this a copy?"
    checks.expect("wp-admin asks", found=notice in Staff(copy).products_page(), wanted=True)
    checks.expect("the shop itself is not asked", found=notice in Staff(stage.shop).products_page(), wanted=False)
    both_ways(stage, "COPIED", "the shop goes on beside its copy", checks)


def first_words(err: str) -> str:
    """What a command complained of first, up to what it goes on to explain."""
    return err.strip().removeprefix("Warning: ").split(". Until")[0]


def forged_copy(stage: Stage, copy: RealShop, checks: Checks) -> None:
    """Somebody empties the hash by hand, and the copy takes itself for the shop: now the daemon refuses."""
    kept = copy.wp("option", "get", "tillbridge_connection", "--format=json")
    copy.wp("option", "patch", "update", "tillbridge_connection", "address_hash", "")
    before = bystanders(stage)
    site = copy.wp("option", "pluck", "tillbridge_connection", "site")
    push = {"site": site, "address": copy.url, "events": []}
    status, said = calls.signed_call(stage.daemon.address, stage.secret(), "POST", "/v1/events", None, push)
    checks.expect("the daemon refuses it", found=(status, said.get("code")), wanted=(403, "wrong_address"))
    sold = copy.level(stage.products["COPIED"])
    copy.checkout([(stage.products["COPIED"], 1)])
    servers.wait_until(lambda: breaks(copy) > 0, "the copy was refused", PATIENCE)
    checks.expect("a forged copy sells", found=copy.level(stage.products["COPIED"]), wanted=sold - 1)
    checks.expect("and reaches neither daemon nor till", found=bystanders(stage), wanted=before)
    copy.wp("option", "update", "tillbridge_connection", kept, "--format=json")


def confessed_copy(stage: Stage, copy: RealShop, checks: Checks) -> None:
    """Somebody says that it is a copy: it forgets the shop, which never notices."""
    wp, secret = CommandLine(copy), stage.secret()
    checks.expect("site copy", found=wp("site", "copy", "--yes").status, wanted=WELL)
    left = [int(row[0]) for row in copy.sql(LEFT_BEHIND.replace("{secret}", secret))]
    checks.expect("user, REST key, events, keys, secret are gone", found=left, wanted=[0] * 6)
    checks.expect("it is connected to nobody", found=wp("status", "--format=json").json["state"], wanted="unpaired")
    checks.expect("the shop's doctor finds nothing", found=stage.wp("doctor").status, wanted=WELL)
    both_ways(stage, "COPIED", "the shop goes on after its copy", checks)


def yesterday(stage: Stage, checks: Checks) -> None:
    """The database is put back to where it was before three sales: the till has them, the shop has forgotten them. What
    it had not told by then, it tells again."""
    shop, product, item = stage.shop, stage.products["BACK"], stage.items["BACK"]
    stage.daemon.kill()
    shop.checkout([(product, 1)])
    dump(shop, shop.folder / "yesterday.sql")
    stage.daemon.start()
    for _ in range(3):
        shop.checkout([(product, 1)])
    arrives(stage, "BACK", (SHELF - 4.0, SHELF - 4.0), "what was sold is seen at the till", checks)
    stage.await_rest("before the restore")
    restore(shop, shop.folder / "yesterday.sql", shop.database)
    stage.sync()  # Else it is a minute until the daemon looks.
    servers.wait_until(lambda: bool(stage.status()["stopped"]), "the daemon notices", PATIENCE)
    why = "the database of the store is not the one of before"
    checks.expect("both ways are stopped, and why", found=reasons(stage, why), wanted=["pos", "store"])
    said = stage.wp("status")
    checks.expect("wp tillbridge status says so", found=(said.status, why in said.out), wanted=(FOUND, True))
    said = stage.daemon.command("status")
    checks.expect("tillbridge status says so", found=(said.status, why in said.out), wanted=(FOUND, True))
    stage.till.record("sales", item, 2)
    order = shop.checkout([(product, 5)]).order_id
    servers.wait_until(lambda: booked(stage, "BACK", order), "the new order is booked", PATIENCE)
    servers.wait_until(lambda: stage.status()["waiting"] == 2, "both changes are held", PATIENCE)
    checks.expect("the till's sale is not written", found=shop.level(product), wanted=SHELF - 1.0 - 5.0)
    checks.expect("nor the shop's new order", found=stage.till.level(item), wanted=SHELF - 4.0 - 2.0)
    checks.expect("resume", found=stage.wp("resume").status, wanted=WELL)
    wanted = (SHELF - 4.0 - 2.0 - 5.0, SHELF - 1.0 - 5.0 - 2.0)
    arrives(stage, "BACK", wanted, "after resume both are written, once; the forgotten sales stay apart", checks)
    stage.sync()
    stage.await_rest("after the restore")
    checks.expect("a later look doubles nothing", found=levels(stage, "BACK"), wanted=wanted)
    said = stage.wp("resync", "BACK", "--format=json")
    apart = {row["side"]: row["difference"] for row in said.json["rows"]}
    checks.expect("resync names what is apart", found=(said.status, apart), wanted=(FOUND, {"store": "3", "pos": "0"}))


def moved(stage: Stage, checks: Checks) -> None:
    """The shop answers at another port. It keeps still until somebody says that it has moved."""
    shop, product = stage.shop, stage.products["COPIED"]
    old_folder = shop.folder
    with served_elsewhere(shop):
        before = levels(stage, "COPIED")
        checks.expect("a moved shop says so", found=stage.wp("status").status, wanted=FOUND)
        shop.checkout([(product, 1)])
        checks.expect("it tells nobody", found=levels(stage, "COPIED"), wanted=(before[0], before[1] - 1))
        checks.expect("site moved", found=stage.wp("site", "moved", "--yes").status, wanted=WELL)
        wanted = (before[0] - 1, before[0] - 1)
        arrives(stage, "COPIED", wanted, "what was sold meanwhile arrives", checks)
        asked_before = calls_of_daemon(old_folder)
        both_ways(stage, "COPIED", "the shop goes on at its new address", checks)
        stage.await_rest("after the move")
        checks.expect("the old address is not asked again", found=calls_of_daemon(old_folder), wanted=asked_before)
        checks.expect("the new one is", found=calls_of_daemon(shop.folder / "elsewhere") > 0, wanted=True)
        checks.expect("the doctor finds nothing", found=stage.wp("doctor").status, wanted=WELL)


def both_ways(stage: Stage, sku: str, what: str, checks: Checks) -> None:
    """One sale on each side is seen on both."""
    at_till, in_shop = levels(stage, sku)
    stage.shop.checkout([(stage.products[sku], 1)])
    stage.till.record("sales", stage.items[sku], 1)
    arrives(stage, sku, (at_till - 2, in_shop - 2), what, checks)


def arrives(stage: Stage, sku: str, wanted: tuple[float, float], what: str, checks: Checks) -> None:
    """Wait until till and shop show it; the checks say where they do not."""
    try:
        servers.wait_until(lambda: levels(stage, sku) == wanted, what, PATIENCE, 0.05)
    except TimeoutError as error:
        checks.tell(f"        {error}")
    checks.expect(what, found=levels(stage, sku), wanted=wanted)


def levels(stage: Stage, sku: str) -> tuple[float, float]:
    """What till and shop show."""
    return stage.till.level(stage.items[sku]), stage.shop.level(stage.products[sku])


def bystanders(stage: Stage) -> tuple[int, int, str]:
    """All that the daemon has heard, all that it has booked, and how far the till has come."""
    with closing(sqlite3.connect(f"file:{stage.books}?mode=ro", uri=True, timeout=10)) as books:
        heard = int(books.execute("SELECT COALESCE(MAX(id), 0) FROM message").fetchone()[0])
    return heard, stage.last_entry(), stage.till_cursor()


def booked(stage: Stage, sku: str, order: int) -> bool:
    """Whether the journal has this order, after the restore: numbers of orders come again."""
    return [entry.amount for entry in stage.born() if entry.sku == sku and entry.document == str(order)][-1:] == ["-5"]


def reasons(stage: Stage, words: str) -> list[str]:
    """The sides to which nothing is written for this reason."""
    return sorted(side for side, why in stage.status()["stopped"].items() if words in why)


def waiting(shop: RealShop) -> int:
    """Events that this database keeps for a daemon."""
    return int(shop.sql("SELECT COUNT(*) FROM wp_tillbridge_outbox WHERE acked_at IS NULL")[0][0])


def breaks(shop: RealShop) -> int:
    """Whether a push of this shop went wrong a moment ago."""
    return int(shop.sql("SELECT COUNT(*) FROM wp_options WHERE option_name = 'tillbridge_breaker'")[0][0])


def signed(shop: RealShop, secret: str, method: str, route: str, body: object | None) -> tuple[int, str]:
    """What the plugin answers to the daemon: status and code."""
    status, said = calls.signed_call(f"{shop.url}/wp-json", secret, method, NAMESPACE + route, None, body)
    return status, str(said.get("code"))
