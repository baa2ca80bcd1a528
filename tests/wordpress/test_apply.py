"""A change that the daemon orders takes effect once or not at all, and its key says which: whatever dies in between."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contracts.shim_caller import Caller, Json, change, key
from tests.wordpress.rig import Site, Trouble
from tests.wordpress.shim import RigShim
from tillbridge.sides.http import Answer

STEPS = {
    "reading products": "/^SELECT p.ID, p.post_parent/",
    "reading the isolation": "/^SHOW SESSION VARIABLES/",
    "asking who it is": "/^SELECT CONNECTION_ID/",
    "setting the isolation": "/^SET SESSION TRANSACTION/",
    "beginning": "/^START TRANSACTION/",
    "taking the key": "/^INSERT INTO wp_tillbridge_keys/",
    "finding the rows": "/^SELECT post_id, MIN.meta_id./",
    "locking the level": "/^SELECT meta_value .* FOR UPDATE/s",
    "moving the level": "/^UPDATE wp_tillbridge_keys k INNER JOIN/",
    "looking at both": "/^SELECT m.meta_value, k.state, CONNECTION_ID/",
    "committing": "/^COMMIT/",
    "reading the outcome": "/^SELECT id, state FROM wp_tillbridge_keys/",
    "restoring the isolation": ["/^SET SESSION TRANSACTION/", 2],
    "writing the lookup table": "/^UPDATE wp_wc_product_meta_lookup/",
    "noting that it is finished": "/^UPDATE wp_tillbridge_keys SET finished/",
}


@pytest.fixture
def product(shim: RigShim, caller: Caller) -> int:
    """Ten of them, and nothing left to tell."""
    made = shim.make_product("10")
    caller.acknowledge(made)
    return made


def at(step: str, what: str) -> Trouble:
    """Trouble right before this step's statement."""
    pattern = STEPS[step]
    return {"query": pattern, "do": what} if isinstance(pattern, str) else {
        "query": pattern[0], "nth": pattern[1], "do": what,
    }  # fmt: skip


def apply(site: Site, caller: Caller, trouble: Sequence[Trouble], *changes: Json) -> Answer:
    """stock/apply with trouble in it."""
    body = json.dumps({"changes": changes}).encode()
    headers = {**caller.headers("POST", "/stock/apply", {}, body), **site.trouble(*trouble)}
    return caller.send("POST", "/stock/apply", "", headers, body)


def void(caller: Caller, own: str) -> str:
    """What the daemon does where it had no answer."""
    status: str = caller.apply({"key": own, "void": True})[0]["status"]
    return status


@pytest.mark.parametrize("step", STEPS)
def test_php_is_killed_at_any_step(site: Site, caller: Caller, product: int, step: str) -> None:
    sent = change(product, "-3")
    assert apply(site, caller, [at(step, "kill")], sent).status == 502
    became = void(caller, sent["key"])
    assert became in ("applied", "voided")
    assert site.level(product) == (7 if became == "applied" else 10)
    late = caller.apply(sent)[0]["status"]
    assert late == ("duplicate" if became == "applied" else "voided")
    assert site.level(product) == (7 if became == "applied" else 10)
    assert caller.events(product) == []


@pytest.mark.parametrize("what", ["cut", "fail"])
@pytest.mark.parametrize("step", STEPS)
def test_the_database_breaks_off_at_any_step(site: Site, caller: Caller, product: int, step: str, what: str) -> None:
    """WordPress connects anew without a word, and goes on in the middle: measured on a real one."""
    sent = change(product, "-3")
    answer = apply(site, caller, [at(step, what)], sent)
    assert answer.status in (200, 500)
    if answer.status == 200:
        (result,) = answer.json()["results"]
        assert result["status"] in ("applied", "error")
        assert site.level(product) == (7 if result["status"] == "applied" else 10)
    became = void(caller, sent["key"])
    assert site.level(product) == (7 if became == "applied" else 10)
    if answer.status == 200:
        assert (became == "applied") is (answer.json()["results"][0]["status"] == "applied")
    caller.apply(sent)
    assert site.level(product) == (7 if became == "applied" else 10)


@pytest.mark.parametrize("what", ["kill", "cut"])
def test_a_batch_that_breaks_off_has_done_what_its_keys_say(
    site: Site, shim: RigShim, caller: Caller, what: str
) -> None:
    made = [shim.make_product("10") for _ in range(3)]
    sent = [change(product, "-1") for product in made]
    apply(site, caller, [{"query": "/^COMMIT/", "nth": 2, "do": what}], *sent)
    for product, one in zip(made, sent, strict=True):
        became = void(caller, one["key"])
        assert site.level(product) == (9 if became == "applied" else 10)


# --- the rest of the shop ---------------------------------------------------------------------------------------------


def a_minute_passes(site: Site, own: str) -> None:
    site.sql(f"UPDATE wp_tillbridge_keys SET applied_at = applied_at - INTERVAL 61 SECOND WHERE id = '{own}'")


def test_what_the_shop_was_not_told_is_told_later(site: Site, caller: Caller, shim: RigShim) -> None:
    """PHP died after COMMIT: the level is right, and nobody knows that the product is sold out."""
    product, sent = shim.make_product("3"), key()
    apply(site, caller, [at("writing the lookup table", "kill")], change(product, "-3", sent))
    assert caller.level(product)["status"] == "instock"
    caller.get("/outbox")
    assert caller.level(product)["status"] == "instock"
    a_minute_passes(site, sent)
    caller.get("/outbox")
    assert caller.level(product)["status"] == "outofstock"
    assert site.sql(f"SELECT stock_quantity FROM wp_wc_product_meta_lookup WHERE product_id = {product}") == [["0"]]


def test_a_plugin_that_kills_php_each_time_is_not_called_for_ever(site: Site, caller: Caller, shim: RigShim) -> None:
    product, sent = shim.make_product("3"), key()
    deadly = {"at": "woocommerce_product_set_stock", "do": "kill", "first": True}
    assert apply(site, caller, [deadly], change(product, "-1", sent)).status == 502
    a_minute_passes(site, sent)
    tries = []
    for _ in range(5):
        headers = {**caller.headers("GET", "/outbox", {}, b""), **site.trouble(deadly)}
        tries.append(caller.send("GET", "/outbox", "", headers).status)
    assert tries[-1] == 200
    assert site.level(product) == 2


def test_another_plugins_trouble_is_not_ours(site: Site, caller: Caller, product: int) -> None:
    broken = {"at": "woocommerce_product_set_stock", "do": "throw"}
    answer = apply(site, caller, [broken], change(product, "-3"))
    assert [result["status"] for result in answer.json()["results"]] == ["applied"]
    assert any("another plugin broke" in note for note in site.notes())
    site.forget_notes()


def test_what_another_plugin_moves_meanwhile_is_the_shops_own_doing(
    site: Site, shim: RigShim, caller: Caller, product: int
) -> None:
    part = shim.make_product("30")
    caller.acknowledge(part)
    move = ["wc_update_product_stock", [part, 6, "decrease"]]
    bundle = {"at": "woocommerce_product_set_stock", "do": "call", "calls": [move]}
    apply(site, caller, [bundle], change(product, "-3"))
    assert caller.events(product) == []
    assert [event["data"]["delta"] for event in caller.events(part)] == ["-6"]


def test_other_plugins_and_caches_learn_of_it(site: Site, caller: Caller, product: int) -> None:
    caller.apply(change(product, "-3"))
    assert site.call("Tillbridge_Hand\\shown_level", product) == 7
    assert site.sql(f"SELECT stock_quantity FROM wp_wc_product_meta_lookup WHERE product_id = {product}") == [["7"]]


def test_of_two_rows_with_a_level_the_first_counts(site: Site, caller: Caller, product: int) -> None:
    """Left behind by importers; WooCommerce reads the first one, too."""
    site.sql(f"INSERT INTO wp_postmeta (post_id, meta_key, meta_value) VALUES ({product}, '_stock', '50')")
    (result,) = caller.apply(change(product, "-3"))
    assert (result["status"], result["level"]) == ("applied", "7")
    assert caller.level(product)["level"] == "7"
    assert site.call("Tillbridge_Hand\\shown_level", product) == 7


def test_a_shop_that_counts_in_fractions_gets_exact_decimals(site: Site, caller: Caller, product: int) -> None:
    """MariaDB's own arithmetic would make 9.700000000000001 of it."""
    calls = [
        ["remove_filter", ["woocommerce_stock_amount", "intval"]],
        ["add_filter", ["woocommerce_stock_amount", "floatval"]],
    ]
    fractions: Trouble = {"at": "init", "do": "call", "calls": calls, "first": True}
    site.sql(f"UPDATE wp_postmeta SET meta_value = '9.8' WHERE post_id = {product} AND meta_key = '_stock'")
    answer = apply(site, caller, [fractions], change(product, "-0.1"))
    assert [(result["status"], result["level"]) for result in answer.json()["results"]] == [("applied", "9.7")]
    assert [result["status"] for result in caller.apply(change(product, "0.5"))] == ["invalid"]


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_many_sales_and_many_changes_of_one_product_end_at_the_right_number(
    site: Site, caller: Caller, product: int, crowd: ThreadPoolExecutor
) -> None:
    def sale(_: int) -> int:
        return RigShim(site).sell(product, 1)

    def ordered(number: int) -> str:
        status: str = Caller(RigShim(site)).apply(change(product, "-1" if number % 2 else "3"))[0]["status"]
        return status

    sales, changes = [], []
    for number in range(20):
        sales.append(crowd.submit(sale, number))
        changes.append(crowd.submit(ordered, number))
    assert len({one.result() for one in sales}) == 20
    assert [one.result() for one in changes] == ["applied"] * 20
    assert site.level(product) == 10 - 20 + 10 * 3 - 10
    told = caller.events(product)
    assert [event["data"]["delta"] for event in told] == ["-1"] * 20
    assert len({event["data"]["cause"]["line_id"] for event in told}) == 20


def test_a_change_waits_for_no_row_of_the_shop_but_the_level_itself(site: Site, caller: Caller, product: int) -> None:
    """Else WooCommerce's own UPDATE, which comes by another index, meets it in a deadlock, and a sale is lost."""
    rows = site.sql(f"SELECT meta_id FROM wp_postmeta WHERE post_id = {product} AND meta_key <> '_stock'")
    with site.holding("; ".join(f"SELECT 1 FROM wp_postmeta WHERE meta_id = {row[0]} FOR UPDATE" for row in rows)):
        assert caller.apply(change(product, "-3"))[0]["status"] == "applied"
    assert site.level(product) == 7


def test_what_follows_a_change_locks_no_level(site: Site, caller: Caller, product: int) -> None:
    own = key()
    apply(site, caller, [at("writing the lookup table", "kill")], change(product, "-3", own))
    a_minute_passes(site, own)
    with site.holding(f"SELECT * FROM wp_postmeta WHERE post_id = {product} FOR UPDATE"):
        assert caller.get("/outbox").status == 200
    assert site.sql(f"SELECT stock_quantity FROM wp_wc_product_meta_lookup WHERE product_id = {product}") == [["7"]]


def test_one_key_that_comes_eight_times_at_once_takes_effect_once(
    site: Site, product: int, crowd: ThreadPoolExecutor
) -> None:
    sent = change(product, "-1")
    answers = list(crowd.map(lambda _: Caller(RigShim(site)).apply(sent)[0]["status"], range(8)))
    assert sorted(answers) == ["applied"] + ["duplicate"] * 7
    assert site.level(product) == 9


def test_a_change_and_its_voiding_at_once_agree(site: Site, product: int, crowd: ThreadPoolExecutor) -> None:
    applied = 0
    for _ in range(6):
        sent = change(product, "-1")
        voided = crowd.submit(void, Caller(RigShim(site)), sent["key"])
        answer = Caller(RigShim(site)).apply(sent)[0]["status"]
        assert (answer, voided.result()) in {("applied", "applied"), ("voided", "voided")}
        applied += answer == "applied"
    assert site.level(product) == 10 - applied


# --- what the database must be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["wp_postmeta", "wp_tillbridge_keys", "wp_tillbridge_outbox"])
def test_health_says_where_a_table_knows_no_transactions(site: Site, caller: Caller, table: str) -> None:
    assert caller.get("/health").json()["innodb"] is True
    site.sql(f"ALTER TABLE {table} ENGINE=MyISAM")
    try:
        assert caller.get("/health").json()["innodb"] is False
    finally:
        site.sql(f"ALTER TABLE {table} ENGINE=InnoDB")
