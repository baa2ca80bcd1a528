"""The API's routes about documents as they are read back, and about what the till takes."""

from __future__ import annotations

from dataclasses import replace

from tillbridge.till import reading, shapes
from tillbridge.till.book import Book
from tillbridge.till.papers import Document
from tillbridge.till.refusal import Refusal
from tillbridge.till.wire import Request, Result


def list_documents(book: Book, request: Request) -> Result:
    """The documents of a web order, of a key, or of a span of time, by pages."""
    if reference := request.query.get("reference"):
        found = book.archive.of_reference(reading.text({"reference": reference}, "reference", 200))
        return 200, _page(book, found, None)
    if key := request.query.get("key"):
        left = book.find(reading.key(key))
        return 200, _page(book, [] if left is None else [left], None)
    begin, end = (reading.moment(request.query[name], name) if name in request.query else "" for name in ("from", "to"))
    found, following = book.archive.between(begin, end, request.after(), request.limit(500))
    return 200, _page(book, found, following)


def show_document(book: Book, request: Request) -> Result:
    """One document by the number on it."""
    number = reading.text({"number": request.parts["number"]}, "number", 40)
    return 200, _shown(book, book.document(number))


def switch_register(book: Book, request: Request) -> Result:
    """Open the register, or close it: nothing is sold and nothing comes back then."""
    wanted = reading.document_of(request.body).get("open")
    if not isinstance(wanted, bool):
        raise Refusal("open_invalid", "open: true or false")
    book.memory.keep_rules(replace(book.memory.rules(), register_open=wanted))
    return 200, {"open": wanted}


def change_rules(book: Book, request: Request) -> Result:
    """What the till takes from now on; what is not named stays."""
    book.memory.keep_rules(reading.rules(reading.document_of(request.body), book.memory.rules()))
    return 200, shapes.rules(book.memory.rules())


def _page(book: Book, found: list[Document], following: int | None) -> dict[str, object]:
    return {
        "documents": [_shown(book, one) for one in found],
        "next": None if following is None else str(following),
    }


def _shown(book: Book, document: Document) -> dict[str, object]:
    return shapes.document(document, book.feed.movements(document.number))
