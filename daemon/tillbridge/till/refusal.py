"""How the till says no: a stable code for programs, a sentence for people, and the HTTP status that fits."""

from __future__ import annotations


class Refusal(Exception):
    """The till will not do that. Nothing has happened, and no key was used up. `field`: what of an address is wrong."""

    def __init__(self, code: str, message: str, status: int = 400, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.field = field
