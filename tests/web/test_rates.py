"""Who asks too fast is told so, and takes nothing from anybody else."""

from __future__ import annotations

from tests.web.doubles import Listener, event, push
from tests.web.test_routes import post
from tillbridge.web import Limits


def test_a_flood_of_bad_requests_does_not_starve_the_shop() -> None:
    listener = Listener(limits=Limits(signed=5, refused=2, burst=1))
    client = listener.app().test_client()
    codes = [client.post("/v1/events", data=b"{}").status_code for _ in range(100)]
    assert codes == [401] * 2 + [429] * 98
    assert post(listener, client, "/v1/events", push(event())).status_code == 200


def test_a_replayed_request_does_not_use_up_the_shops_rate() -> None:
    listener = Listener(limits=Limits(signed=2, refused=1000, burst=1))
    client, body = listener.app().test_client(), push(event())
    captured = listener.headers("POST", "/v1/events", body)
    codes = [client.post("/v1/events", data=body, headers=captured).status_code for _ in range(50)]
    assert codes == [200] + [401] * 49
    assert post(listener, client, "/v1/events", body).status_code == 200


def test_a_shop_that_is_too_fast_is_told_when_to_come_again_with_the_same_request() -> None:
    listener = Listener(limits=Limits(signed=1, burst=1))
    client, body = listener.app().test_client(), push(event("late"))
    assert post(listener, client, "/v1/events", push(event())).status_code == 200
    headers = listener.headers("POST", "/v1/events", body)
    answer = client.post("/v1/events", data=body, headers=headers)
    assert answer.status_code == 429
    listener.clock.seconds += int(answer.headers["Retry-After"])
    assert client.post("/v1/events", data=body, headers=headers).status_code == 200
