"""How WordPress speaks REST: requests, answers, and errors in its own shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PREFIX = "/wp-json"

_spelled = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class RestError(Exception):
    """An answer that is an error; `data` is usually an object with the status, but not always."""

    def __init__(self, status: int, code: str, message: str, data: object = None, **extra: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **extra} if data is None else data}


@dataclass(frozen=True, slots=True)
class Response:
    """A complete HTTP answer. `headers` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request for a REST route. `query` lacks `rest_route`; `headers` has lower-case names."""

    method: str
    route: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    def text(self, name: str, default: str = "") -> str:
        """A query parameter; the last one wins, as in PHP."""
        return dict(self.query).get(name, default)

    def number(self, name: str, default: int, least: int, most: int | None = None) -> int:
        """A whole number within bounds, or WordPress's own complaint."""
        text = self.text(name, str(default))
        try:
            value = int(text)
        except ValueError:
            raise invalid(name, f"{name} is not of type integer.", "rest_invalid_type") from None
        if most is None and value < least:
            raise invalid(name, f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
        if most is not None and not least <= value <= most:
            raise invalid(
                name, f"{name} must be between {least} (inclusive) and {most} (inclusive)", "rest_out_of_bounds"
            )
        return value

    def truth(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true"}

    def json(self) -> dict[str, Any]:
        """The body as an object; WordPress also takes a form, and no body at all."""
        if not self.body:
            return {}
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode("utf-8", "replace")))
        try:
            value = json.loads(self.body)
        except ValueError:
            raise RestError(
                400, "rest_invalid_json", "Invalid JSON body passed.",
                json_error_code=4, json_error_message="Syntax error",
            ) from None  # fmt: skip
        return value if isinstance(value, dict) else {}


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call | None:
    """Read a request; None where it is not for the REST API. Pretty and plain permalinks both lead here."""
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    plain = dict(query).get("rest_route")
    if plain is None and not (parts.path == PREFIX or parts.path.startswith(PREFIX + "/")):
        return None
    route = plain if plain is not None else parts.path[len(PREFIX) :]
    return Call(
        method.upper(),
        "/" + route.strip("/"),
        parts.path,
        [pair for pair in query if pair[0] != "rest_route"],
        {name.lower(): value for name, value in headers.items()},
        body,
    )


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    head = {"content-type": "application/json; charset=UTF-8", "cache-control": "no-store", **(headers or {})}
    return Response(status, head, _spelled(body).encode())


def refusal(error: RestError) -> Response:
    return answer(error.body, error.status)


def no_route() -> RestError:
    return RestError(404, "rest_no_route", "No route was found matching the URL and request method.")


def invalid(name: str, message: str, code: str, data: object = None) -> RestError:
    """WordPress's complaint about one parameter."""
    detail = {"param": name} if data is None and code == "rest_invalid_type" else data
    return RestError(
        400, "rest_invalid_param", f"Invalid parameter(s): {name}",
        params={name: message}, details={name: {"code": code, "message": message, "data": detail}},
    )  # fmt: skip


def stamp(moment: datetime) -> str:
    """A time as the shim writes it: UTC with milliseconds."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
