"""How the tests are spread over several workers: what shares a thing that is dear to make is not torn apart."""

from __future__ import annotations

from types import SimpleNamespace

from tests.groups import early, together
from tests.spread import Spread


def test_every_test_of_the_shop_is_with_the_one_worker_that_made_it() -> None:
    of_the_shop = ("tests/wordpress/test_door.py::test_a", "tests/browser/test_copies.py::test_b[x::y]")
    assert {together(nodeid) for nodeid in of_the_shop} == {"shop"}


def test_the_tests_of_a_file_share_what_is_made_once_for_the_file() -> None:
    assert together("tests/daemon/test_life.py::test_a") == together("tests/daemon/test_life.py::test_b[x::y]")
    assert together("tests/daemon/test_life.py::test_a") != together("tests/daemon/test_desk.py::test_a")


def test_what_computes_long_and_shares_nothing_goes_to_any_worker() -> None:
    assert len({together(f"tests/simulation/test_defects.py::test_it_is_found[{name}]") for name in ("a", "b")}) == 2


def test_what_takes_long_begins_first() -> None:
    files = ("tests/core/test_codec.py::t", "tests/daemon/test_life.py::t", "tests/wordpress/test_door.py::t")
    assert sorted(files, key=early) == [*reversed(files)]


class Worker:
    """Notes which tests it is given, by their number in the collection."""

    shutting_down = False
    gateway = SimpleNamespace(id="a worker")

    def __init__(self) -> None:
        self.given: list[int] = []

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.given += numbers

    def shutdown(self) -> None:
        """Nothing more comes."""


def test_a_worker_is_given_a_group_as_a_whole() -> None:
    option = SimpleNamespace(loadscopereorder=False)
    spread = Spread(SimpleNamespace(getvalue=lambda name: ["popen", "popen"], option=option))
    workers = Worker(), Worker()
    tests = ["wordpress/test_door.py::t", "browser/test_copies.py::t", "core/test_codec.py::t", "core/test_codec.py::u"]
    for worker in workers:
        spread.add_node(worker)
    for worker in workers:
        spread.add_node_collection(worker, [f"tests/{test}" for test in tests])
    spread.schedule()
    assert [worker.given for worker in workers] == [[0, 1], [2, 3]]
