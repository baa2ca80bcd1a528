"""Somebody in the office who works on many products at once in wp-admin: bulk edit, duplicates, a CSV file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from typing import Any

from tests.e2e.people import Staff

SET, INCREASE, DECREASE = "1", "2", "3"
"""What a bulk edit does with a quantity."""


class Stockroom(Staff):
    """What WooCommerce's list of products and its importer do."""

    def bulk_edit(self, product_ids: Sequence[int], change: str, quantity: int) -> None:
        """Tick products in the list, choose Edit, fill in the quantity, press Update."""
        page = self.products_page()
        form: list[tuple[str, str]] = [
            ("_wpnonce", _field(page, "_wpnonce")),
            ("woocommerce_quick_edit_nonce", _field(page, "woocommerce_quick_edit_nonce")),
            *(("post[]", str(product_id)) for product_id in product_ids),
            *{
                "post_type": "product",
                "post_status": "all",
                "action": "edit",
                "action2": "-1",
                "bulk_edit": "Update",
                "screen": "edit-product",
                "post_view": "list",
                "_status": "-1",
                "comment_status": "",
                "woocommerce_bulk_edit": "1",
                "change_regular_price": "",
                "change_sale_price": "",
                "_stock_status": "",
                "_manage_stock": "",
                "_backorders": "",
                "change_stock": change,
                "_stock": str(quantity),
            }.items(),
        ]
        self._page(self._browser.get(f"{self._admin}/edit.php", params=form, timeout=120))

    def duplicate(self, product_id: int) -> int:
        """Click on Duplicate below a product; the draft that came of it."""
        found = re.search(rf'href="([^"]*action=duplicate_product[^"]*post={product_id}&[^"]*)"', self.products_page())
        if found is None:
            raise RuntimeError(f"no link to duplicate {product_id}")
        answer = self._browser.get(html.unescape(found[1]), timeout=120)
        self._page(answer)
        copy = re.search(r"[?&]post=(\d+)", answer.url)
        if copy is None:
            raise RuntimeError(f"duplicating led to {answer.url}")
        return int(copy[1])

    def import_csv(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
        """Upload a file that updates products which are there, page by page; what the importer counted. The columns
        bear the importer's own names for the fields."""
        file = "\n".join(",".join(row) for row in [columns, *rows])
        start = f"{self._admin}/edit.php?post_type=product&page=product_importer"
        nonce = _field(self._page(self._browser.get(start, timeout=120)), "_wpnonce")
        form = {"_wpnonce": nonce, "action": "save", "update_existing": "1", "delimiter": ",", "save_step": "Continue"}
        upload = {"import": ("stock.csv", file, "text/csv")}
        answer = self._browser.post(start, data=form, files=upload, timeout=120)
        mapping = self._page(answer)
        form = {"_wpnonce": _field(mapping, "_wpnonce"), "file": _field(mapping, "file"), "update_existing": "1"}
        fields = {f"map_from[{at}]": name for at, name in enumerate(columns)}
        fields |= {f"map_to[{at}]": name for at, name in enumerate(columns)}
        form |= {"delimiter": ",", "character_encoding": "UTF-8", "save_step": "Run the importer"}
        shown = self._page(self._browser.post(f"{start}&step=import", data={**form, **fields}, timeout=120))
        found = re.search(r"wc_product_import_params = (\{.*?\});", shown)
        if found is None:
            raise RuntimeError(f"the importer did not get to its last page: {shown[:300]}")
        return self._run_import(json.loads(found[1]))

    def _run_import(self, params: dict[str, Any]) -> dict[str, int]:
        """What the importer's last page does by script: rows in portions, until there are none."""
        counted = {"updated": 0, "imported": 0, "failed": 0, "skipped": 0}
        position: object = 0
        mapping = {
            f"mapping[{way}][{at}]": name for way, names in params["mapping"].items() for at, name in enumerate(names)
        }
        while position != "done":
            form = {
                "action": "woocommerce_do_ajax_product_import",
                "security": params["import_nonce"],
                "position": str(position),
                "file": params["file"],
                "update_existing": "1",
                "delimiter": ",",
                "character_encoding": "UTF-8",
                **mapping,
            }
            answer = self._browser.post(f"{self._admin}/admin-ajax.php", data=form, timeout=120)
            said = json.loads(self._page(answer))
            if not said["success"]:
                raise RuntimeError(f"the importer: {said}")
            position = said["data"]["position"]
            counted = {name: number + int(said["data"][name]) for name, number in counted.items()}
        return counted


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"the page has no field {name}")
    return html.unescape(found[1])
