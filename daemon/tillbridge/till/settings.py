"""What the till remembers about itself between two starts: where hints go."""

from __future__ import annotations

import json

from tillbridge.till.book import Book
from tillbridge.till.webhook import Webhook


def webhook_of(book: Book) -> Webhook | None:
    """Where hints go, None where nobody wants them."""
    kept = book.setting("webhook")
    return None if kept is None else Webhook(*json.loads(kept))


def keep_webhook(book: Book, webhook: Webhook | None) -> None:
    """Send hints there from now on; None for nowhere."""
    book.keep("webhook", None if webhook is None else json.dumps([webhook.url, webhook.secret]))
