"""`why` on a terminal."""

from __future__ import annotations

import pytest

from tillbridge.cli import explaining


def test_the_documents_of_an_order_stand_behind_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    explaining._tell_order(
        {"order": "7", "status": "processing", "words": "sent", "lines": [], "entries": [],
         "documents": {"words": "the POS has it at 5.00", "lines": []}}
    )  # fmt: skip
    assert capsys.readouterr().out == "7 (processing): sent\n\nDocuments: the POS has it at 5.00\n"
