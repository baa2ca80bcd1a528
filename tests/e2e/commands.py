"""Every verb of `wp tillbridge` in the real WP-CLI, from a shop that knows no daemon until it has parted from one."""

from __future__ import annotations

from functools import partial

from tests.e2e import servers
from tests.e2e.command_line import CommandLine
from tests.e2e.neighbours import RealTill
from tests.e2e.paired_daemon import PairedDaemon
from tests.e2e.report import Checks, Tell
from tests.e2e.wordpress import RealShop

WELL, FOUND, WRONG_USE, UNREACHABLE, REFUSED = range(5)
WP_CLI_ITSELF = 1
NOBODY = "7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z@127.0.0.1:1"
PATIENCE = 75.0


def run(shop: RealShop, tell: Tell) -> int:
    """Play it and publish what was found."""
    checks = Checks(tell)
    wp = CommandLine(shop)
    with RealTill(shop.folder) as till:
        product = shop.add_product("MUG", 20)
        till.add_item("MUG", 20)
        shop.add_product("ALONE", 10)
        without_daemon(wp, checks)
        daemon = PairedDaemon(shop.folder / "daemon", till)
        with daemon:
            connecting(wp, daemon, checks)
            standing(wp, checks)
            steering(shop, wp, product, checks)
            waiting(wp, checks)
            outage(shop, wp, daemon, product, checks)
            moving(shop, wp, daemon, checks)
            parting(wp, daemon, checks)
            copying(shop, wp, daemon, checks)
    helping(wp, checks)
    checks.expect("PHP has nothing to say about the plugin", found=shop.complaints(), wanted=[])
    return checks.publish("e2e commands", "every command says what is so, and ends with a status to trust", 1)


def without_daemon(wp: CommandLine, checks: Checks) -> None:
    """A shop that is connected to nobody, and codes that lead nowhere."""
    for words in (("status",), ("doctor",), ("sync",), ("queue", "list"), ("outbox", "flush"), ("disconnect", "--yes")):
        checks.expect(f"unpaired: {' '.join(words)}", found=wp(*words).status, wanted=WRONG_USE)
    checks.expect("a code that is none", found=wp("connect", "FOO@127.0.0.1:1").status, wanted=WRONG_USE)
    checks.expect("a code of a daemon elsewhere", found=wp("connect", f"{NOBODY[:-11]}192.0.2.1:80").status, wanted=2)
    checks.expect("a code where nobody listens", found=wp("connect", NOBODY).status, wanted=UNREACHABLE)


def connecting(wp: CommandLine, daemon: PairedDaemon, checks: Checks) -> None:
    """A wrong code, then the right one."""
    wrong = "7F3KQ-9QMD2-R5T0V-XW2HC-4NB8Z@" + daemon.address.removeprefix("http://")
    checks.expect("a wrong code is refused", found=wp("connect", wrong).status, wanted=REFUSED)
    checks.expect("and leaves the shop unpaired", found=wp("status", "--format=json").json["state"], wanted="unpaired")
    said = wp("connect", daemon.first_code)
    remarks = [line for line in said.err.splitlines() if line and "/wp-includes/" not in line]
    checks.expect("the right code connects", found=(said.status, remarks), wanted=(WELL, []))
    checks.expect("and ends with the doctor", found=said.out.strip().splitlines()[-1], wanted="No problem was found.")
    linked = partial(wp, "status", "--format=json")
    servers.wait_until(lambda: linked().json["daemon"]["links"] == 1, "the product is linked", PATIENCE, 0.2)


def standing(wp: CommandLine, checks: Checks) -> None:
    """What is asked without changing anything."""
    said = wp("status", "--format=json")
    checks.expect("status as JSON", found=(said.json["in_step"], said.json["daemon"]["links"]), wanted=(True, 1))
    fields = {row["field"]: row["value"] for row in wp("status", "--format=csv").csv}
    checks.expect("status as CSV", found=(fields["this shop"], fields["products linked"]), wanted=("paired", "1"))
    checks.expect("status as YAML", found="in_step: true" in wp("status", "--format=yaml").out, wanted=True)
    said = wp("doctor", "--format=json")
    checks.expect("doctor finds no problem", found=problems(said.json), wanted=[])
    checks.expect("from both ends", found={hop["seen_from"] for hop in said.json}, wanted={"shop", "daemon"})
    checks.expect("nor as CSV", found=problems(wp("doctor", "--format=csv").csv), wanted=[])
    said = wp("check", "--format=json")
    checks.expect("check", found=(said.status, said.json["well"]), wanted=(WELL, True))
    checks.expect("names what is held out", found=[one["sku"] for one in said.json["held_out"]], wanted=["ALONE"])
    kinds = {row["kind"] for row in wp("check", "--format=csv").csv}
    checks.expect("and the policy", found=kinds >= {"held out", "policy"}, wanted=True)
    said = wp("resync", "MUG", "--format=json")
    checks.expect("resync of a product", found=(said.status, said.json["in_step"]), wanted=(WELL, True))
    rows = wp("resync", "MUG", "--format=csv").csv
    checks.expect(
        "has both sides", found=[(row["side"], row["level"]) for row in rows], wanted=[("store", "20"), ("pos", "20")]
    )
    checks.expect("resync of nothing", found=wp("resync", "NOPE").status, wanted=WRONG_USE)


def problems(hops: list[dict[str, str]]) -> list[dict[str, str]]:
    """Those hops that do not work."""
    return [hop for hop in hops if hop["state"] == "problem"]


def steering(shop: RealShop, wp: CommandLine, product: int, checks: Checks) -> None:
    """A pause, a sale, and on."""
    checks.expect("pause", found=wp("pause", "to-pos", "--format=json").json["paused"], wanted=["pos"])
    shop.checkout([(product, 1)])
    servers.wait_until(lambda: wp("status", "--format=json").json["daemon"]["waiting"] == 1, "the sale waits", PATIENCE)
    checks.expect("status while a sale waits", found=wp("status").status, wanted=FOUND)
    checks.expect("resync sees that it waits", found=wp("resync", "MUG").status, wanted=FOUND)
    checks.expect("resume", found=wp("resume", "--format=json").json["paused"], wanted=[])
    checks.expect("sync", found=wp("sync").status, wanted=WELL)
    checks.expect("a flow that is none", found=wp("sync", "sideways").status, wanted=WP_CLI_ITSELF)
    servers.wait_until(lambda: wp("status").status == WELL, "in step again", PATIENCE, 0.2)


def waiting(wp: CommandLine, checks: Checks) -> None:
    """The queue and the webhook."""
    said = wp("queue", "list", "--format=json")
    checks.expect("queue list", found=(said.status, [row["what"] for row in said.json]), wanted=(FOUND, ["ALONE"]))
    checks.expect("counted", found=wp("queue", "list", "--state=held-out", "--format=count").out.strip(), wanted="1")
    checks.expect("only parked", found=wp("queue", "list", "--state=parked").status, wanted=WELL)
    for verb in ("retry", "release"):
        checks.expect(f"queue {verb} all", found=wp("queue", verb, "all").status, wanted=WELL)
    for line in ("show 999999", "retry 999999", "discard 999999 --reason=counted --yes"):
        checks.expect(f"queue {line}", found=wp("queue", *line.split()).status, wanted=WRONG_USE)
    checks.expect("discard without a yes", found=wp("queue", "discard", "1", "--reason=x").status, wanted=WRONG_USE)
    checks.expect("discard without a reason", found=wp("queue", "discard", "1").status, wanted=WP_CLI_ITSELF)
    checks.expect("a limit that is none", found=wp("queue", "list", "--limit=0").status, wanted=WRONG_USE)
    said = wp("webhook", "status", "--format=json")
    checks.expect("webhook status", found=(said.status, said.json["supported"]), wanted=(WELL, True))
    said = wp("webhook", "disable", "--format=json")
    checks.expect("webhook disable", found=(said.status, said.json["enabled"]), wanted=(WELL, False))
    said = wp("webhook", "enable", "--format=json")
    checks.expect("webhook enable", found=(said.status, said.json["enabled"]), wanted=(WELL, True))


def outage(shop: RealShop, wp: CommandLine, daemon: PairedDaemon, product: int, checks: Checks) -> None:
    """The daemon dies, a customer buys, the outbox is sent by hand."""
    daemon.kill()
    shop.checkout([(product, 1)])
    said = wp("outbox", "list", "--format=json")
    moved = [(row["object"], row["delta"], row["state"]) for row in said.json if row["topic"] == "stock.changed"]
    checks.expect("the outbox lists the sale", found=(said.status, moved), wanted=(WELL, [(product, "-1", "sealed")]))
    for words in (("status",), ("doctor",), ("check",), ("sync",), ("outbox", "flush"), ("webhook", "status")):
        checks.expect(f"no daemon: {' '.join(words)}", found=wp(*words).status, wanted=UNREACHABLE)
    checks.expect("nor is anybody parted", found=wp("disconnect", "--yes").status, wanted=UNREACHABLE)
    found = {hop["hop"]: hop["state"] for hop in wp("doctor", "--format=json").json}
    local = [found[name] for name in ("plugin", "tables", "REST route", "REST key", "listener")]
    checks.expect("doctor tries the local hops", found=local, wanted=["well"] * 4 + ["problem"])
    daemon.start()
    said = wp("outbox", "flush")
    checks.expect("outbox flush", found=(said.status, "none remains" in said.out), wanted=(WELL, True))
    checks.expect("nothing is left", found=wp("outbox", "list", "--format=count").out.strip(), wanted="0")
    servers.wait_until(lambda: wp("status").status == WELL, "in step again", PATIENCE, 0.2)


def moving(shop: RealShop, wp: CommandLine, daemon: PairedDaemon, checks: Checks) -> None:
    """The shop answers at another address: nothing goes on before somebody says that it has moved."""
    other = shop.url.replace("127.0.0.1", "localhost")
    shop.wp("option", "update", "home", other)
    for verb in ("status", "doctor"):
        said = wp(verb)
        checks.expect(f"elsewhere: {verb} says so", found=(said.status, other in said.err), wanted=(FOUND, True))
    for words in (("sync",), ("outbox", "flush"), ("connect", daemon.first_code), ("disconnect", "--yes")):
        checks.expect(f"elsewhere: {words[0]} is refused", found=wp(*words).status, wanted=REFUSED)
    checks.expect("moved, answered no", found=wp("site", "moved", answer="n\n").status, wanted=WRONG_USE)
    checks.expect("moved", found=wp("site", "moved", "--yes").status, wanted=WELL)
    servers.wait_until(lambda: wp("status").status == WELL, "the daemon has followed", PATIENCE, 0.2)
    checks.expect("this is no copy", found=wp("site", "copy", "--yes").status, wanted=REFUSED)


def parting(wp: CommandLine, daemon: PairedDaemon, checks: Checks) -> None:
    """The shop parts, and comes back."""
    checks.expect("disconnect", found=wp("disconnect", answer="y\n").status, wanted=WELL)
    checks.expect("forgets", found=wp("status", "--format=json").json["state"], wanted="unpaired")
    users = wp.wp("user", "list", "--role=shop_manager", "--format=count").out.strip()
    checks.expect("and takes its user along", found=users, wanted="0")
    wp("connect", daemon.code())
    paused = partial(wp, "status", "--format=json")
    checks.expect("the same shop comes back", found=paused().json["state"], wanted="paired")
    servers.wait_until(lambda: bool(paused().json["daemon"]["paused"]), "the daemon sees that nobody watched", PATIENCE)
    checks.expect("doctor says so, too", found=wp("doctor").status, wanted=FOUND)
    checks.expect("a person lets it go on", found=wp("resume").status, wanted=WELL)
    servers.wait_until(lambda: wp("status").status == WELL, "in step again", PATIENCE, 0.2)


def copying(shop: RealShop, wp: CommandLine, daemon: PairedDaemon, checks: Checks) -> None:
    """The database answers at a third address, as a copy: it forgets the shop, and the books stay the shop's."""
    shop.wp("option", "update", "home", shop.url)
    checks.expect("a copy", found=wp("site", "copy", "--yes").status, wanted=WELL)
    checks.expect("is connected to nobody", found=wp("status").status, wanted=WRONG_USE)
    checks.expect("nor may it have the same books", found=wp("connect", daemon.code()).status, wanted=REFUSED)
    checks.expect("it forgets twice as well", found=wp("site", "copy", "--yes").status, wanted=WELL)


def helping(wp: CommandLine, checks: Checks) -> None:
    """What WP-CLI makes of the docblocks."""
    shown = partial(wp.wp, "help", "tillbridge")
    for words in (("connect",), ("queue", "list"), ("outbox", "flush"), ("resync",)):
        text = shown(*words).out
        checks.expect(f"help {' '.join(words)}", found="SYNOPSIS" in text and "EXAMPLES" in text, wanted=True)
    checks.expect("an option that does not exist", found=wp("status", "--sideways").status, wanted=WP_CLI_ITSELF)
