"""`python -m tillbridge.till`: the program itself, over real HTTP on loopback."""

from __future__ import annotations

import signal
import stat
import threading
from pathlib import Path

import pytest
import requests

from tests.till.process import Running, running_till
from tillbridge.till.__main__ import main


def call(till: Running, method: str, path: str, **more: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {till.token}"}
    with requests.Session() as session:
        return session.request(method, till.address + path, headers=headers, timeout=10, **more)  # type: ignore[arg-type]


def test_it_says_where_it_is_serves_both_doors_and_keeps_everything(tmp_path: Path) -> None:
    with running_till(tmp_path, "--outlets", "main=Main street,annex", "--seed-demo") as till:
        info = call(till, "GET", "/v1/info").json()
        assert [outlet["name"] for outlet in info["outlets"]] == ["Main street", "Annex"]
        levels = call(till, "GET", "/v1/levels").json()
        assert levels["levels"][0]["level"] == "24"
        assert "Cup, blue" in call(till, "GET", "/").text
        assert "--paper" in call(till, "GET", "/static/till.css").text
        row = {"key": "k-1", "item_id": "1", "outlet": "main", "delta": "-4"}
        assert call(till, "POST", "/v1/adjustments", json={"adjustments": [row]}).json()["results"][0]["level"] == "20"
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    with running_till(tmp_path, "--seed-demo") as again:
        assert again.token == till.token
        assert call(again, "GET", "/v1/keys/k-1").json()["level"] == "20"
        assert len(call(again, "GET", "/v1/items").json()["items"]) == 6


def test_payment_types_and_taxes_are_given_once_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_till(tmp_path, "--payment-types", "cash, voucher", "--taxes", "VAT 19=19,QST=9.975") as till:
        info = call(till, "GET", "/v1/info").json()
    taxes = [{"name": "VAT 19", "percent": "19"}, {"name": "QST", "percent": "9.975"}]
    assert (info["payment_types"], info["taxes"]) == (["cash", "voucher"], taxes)
    with running_till(tmp_path) as again:
        assert call(again, "GET", "/v1/info").json()["taxes"] == taxes
    for wrong in (["--taxes", "VAT 19"], ["--payment-types", ","]):
        with pytest.raises(SystemExit):
            main(["--port", "0", "--database", "x", "--token-file", "y", *wrong])
    assert "percent: text such as" in capsys.readouterr().err


def test_every_answer_under_the_api_is_json_whatever_is_asked(tmp_path: Path) -> None:
    with running_till(tmp_path) as till:
        for method, path, status in [
            ("GET", "/v1/", 404),
            ("GET", "/v1/items/1/2", 404),
            ("OPTIONS", "/v1/info", 405),
            ("PUT", "/v1/items/%2e", 400),
            ("GET", "/v2", 404),
            ("DELETE", "/", 405),
        ]:
            answer = call(till, method, path)
            assert (answer.status_code, set(answer.json())) == (status, {"code", "message"}), (method, path)
        big = call(till, "POST", "/v1/items", data=b" " * (1024 * 1024 + 1))
        assert (big.status_code, big.json()["code"]) == (413, "request_entity_too_large")


def test_one_key_sent_by_many_at_once_has_one_effect(tmp_path: Path) -> None:
    with running_till(tmp_path, "--seed-demo") as till:
        statuses: list[str] = []

        def send() -> None:
            row = {"key": "same", "item_id": "1", "outlet": "main", "delta": "-1"}
            answer = call(till, "POST", "/v1/adjustments", json={"adjustments": [row]})
            statuses.append(answer.json()["results"][0]["status"])

        threads = [threading.Thread(target=send) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == ["applied"] + ["duplicate"] * 11
        assert call(till, "GET", "/v1/keys/same").json()["level"] == "23"


def test_a_killed_till_has_lost_nothing_that_it_confirmed(tmp_path: Path) -> None:
    with running_till(tmp_path, "--seed-demo", ends_with=-signal.SIGKILL) as till:
        row = {"key": "k", "item_id": "1", "outlet": "main", "delta": "-1"}
        assert call(till, "POST", "/v1/adjustments", json={"adjustments": [row]}).ok
        till.process.kill()
        till.process.wait(10)
    with running_till(tmp_path) as again:
        assert call(again, "GET", "/v1/keys/k").json() == {
            "key": "k", "status": "applied", "document": "A-000002", "level": "23",
        }  # fmt: skip


def test_wrong_use_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").touch()
    common = ["--port", "0", "--database", str(tmp_path / "t.sqlite3")]
    assert main([*common, "--token-file", str(tmp_path / "empty")]) == 2
    assert "empty" in capsys.readouterr().err
    assert main([*common, "--token-file", str(tmp_path / "token"), "--outlets", " , "]) == 2
    assert "--outlets" in capsys.readouterr().err
    (tmp_path / "t.sqlite3").write_text("this is no database, and it is long enough to be told from an empty file")
    assert main([*common, "--token-file", str(tmp_path / "token")]) == 2
    assert "not a database" in capsys.readouterr().err
