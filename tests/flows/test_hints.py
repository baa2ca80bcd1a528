"""The POS is kept telling us that it has news, until a person says otherwise, and everybody can see how it stands."""

from __future__ import annotations

import pytest

from tests.flows.world import World
from tillbridge.errors import Malformed, NoAnswer, Unsupported
from tillbridge.hints import Hints, Wish
from tillbridge.ports import HopState

URL = "https://shop.example/wp-json/wc-tillbridge/v1/pos/d00r"


class Till:
    """`ports.Hinting` that remembers whom to tell; `away` makes it unreachable."""

    def __init__(self) -> None:
        self.told: tuple[str, str] | None = None
        self.away = False

    def enable_hints(self, url: str, secret: str) -> None:
        self._answer()
        self.told = url, secret

    def hints(self) -> str | None:
        self._answer()
        return None if self.told is None else self.told[0]

    def disable_hints(self) -> None:
        self._answer()
        self.told = None

    def _answer(self) -> None:
        if self.away:
            raise NoAnswer("time-out")


class Scene:
    """A till, and what keeps it telling us."""

    def __init__(self, world: World, wanted: str = "yes", secret: str = "s", url: str = URL) -> None:
        self.till = Till()
        self.hints = Hints(self.till, world.sql, Wish(wanted == "yes", secret, lambda: url, 5.0, "d00r"))

    def state(self) -> HopState:
        (hop,) = self.hints.hops()
        return hop.state


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_a_till_that_forgot_whom_to_tell_is_told_again(scene: Scene) -> None:
    scene.hints.keep()
    scene.till.disable_hints()
    assert scene.state() is HopState.PROBLEM
    scene.hints.keep()
    assert scene.till.told == (URL, "s")
    assert scene.state() is HopState.WELL


def test_the_part_of_the_address_that_opens_a_door_is_not_shown(scene: Scene) -> None:
    scene.hints.keep()
    said = scene.hints.status()
    assert said == {
        "supported": True, "enabled": True, "url": URL.replace("d00r", "…"), "detail": "the POS tells us",
    }  # fmt: skip


def test_what_a_person_switched_off_stays_off_until_it_is_switched_on(world: World, scene: Scene) -> None:
    scene.hints.keep()
    assert scene.hints.set("disable")["enabled"] is False
    again = Scene(world)
    again.hints.keep()
    assert again.till.told is None
    assert again.state() is HopState.WELL, "it is off by choice"
    assert again.hints.set("enable")["enabled"] is True
    again.till.disable_hints()
    again.hints.keep()
    assert again.till.told == (URL, "s")


def test_a_till_that_tells_another_address_is_not_on(scene: Scene) -> None:
    scene.till.told = ("http://elsewhere", "x")
    assert (scene.hints.status()["enabled"], scene.hints.status()["detail"]) == (
        False, "the POS tells another address than ours",
    )  # fmt: skip
    assert scene.state() is HopState.PROBLEM


def test_a_till_that_cannot_be_asked_is_unknown_and_not_off(scene: Scene) -> None:
    scene.till.away = True
    assert (scene.hints.status()["supported"], scene.hints.status()["enabled"]) == (True, None)
    assert scene.state() is HopState.UNKNOWN
    with pytest.raises(NoAnswer):
        scene.hints.set("enable")


@pytest.mark.parametrize(("secret", "url", "words"), [("", URL, "webhook_secret"), ("s", "", "cannot reach")])
def test_where_hints_cannot_be_they_are_not_supported_and_why(world: World, secret: str, url: str, words: str) -> None:
    scene = Scene(world, secret=secret, url=url)
    scene.hints.keep()
    said = scene.hints.status()
    assert (said["supported"], said["enabled"], scene.till.told) == (False, False, None)
    assert words in str(said["detail"])
    with pytest.raises(Unsupported, match=words):
        scene.hints.set("enable")


def test_hints_that_the_settings_do_not_want_are_not_kept_and_that_is_well(world: World) -> None:
    scene = Scene(world, wanted="no")
    scene.hints.keep()
    assert (scene.till.told, scene.state()) == (None, HopState.WELL)


def test_wanted_hints_that_cannot_be_are_a_problem(world: World) -> None:
    assert Scene(world, url="").state() is HopState.PROBLEM


def test_another_word_is_told_what_is_allowed(scene: Scene) -> None:
    with pytest.raises(Malformed, match="allowed is enable or disable"):
        scene.hints.set("toggle")
