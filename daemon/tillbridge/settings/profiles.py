"""The profiles: for each system that users may know, what its users take for granted, as defaults of single options.

What the owner wrote goes before the profile, the profile before the default. What concerns the catalogue (products,
fields, categories) has no options yet, and so is in no profile.
"""

from __future__ import annotations

from types import MappingProxyType

PROFILES = ("elementary", "nexopos", "universal", "modern-retail", "lightspeed")

CELLS: dict[str, tuple[str, str, str, str, str]] = {
    "stock.authority": ("both", "both", "store", "pos", "pos"),
    "orders.as": ("stock", "sale", "sale", "sale", "sale"),
    # Completed stands beside processing: an order of downloads, or one made by hand, may never be in processing.
    "orders.send_on": ("completed", "any", "any", "completed, shipped", "processing, completed"),
    "orders.unmapped_payment": ("park", "ignore", "park", "park", "park"),
    "orders.unmapped_tax": ("park", "default", "park", "park", "park"),
    "orders.unlinked_line": ("park", "leave-out", "park", "park", "park"),
    "sync.customers": ("off", "both", "to-pos", "to-pos", "to-pos"),
    "people.travel": ("always", "always", "always", "with-order", "with-order"),
    "people.group": ("none", "default", "none", "none", "none"),
    "orders.pos_sales": ("no", "orders", "no", "no", "no"),
    "orders.pos_sales_shipping": ("", "local_pickup", "", "", ""),
}
"""By the option's name, its value in each profile, in the order of `PROFILES`."""


def values_of(profile: str) -> MappingProxyType[str, str]:
    """The options that a profile sets, by name; none where it is the empty or an unknown one."""
    if profile not in PROFILES:
        return MappingProxyType({})
    column = PROFILES.index(profile)
    return MappingProxyType({name: cells[column] for name, cells in CELLS.items()})


def profiles_markdown() -> str:
    """The profiles as a Markdown table, for the README between its markers."""
    rows = [f"| Option | {' | '.join(PROFILES)} |", "| --- |" + " --- |" * len(PROFILES)]
    for name, cells in CELLS.items():
        section, _, key = name.partition(".")
        shown = (f"`{cell}`" if cell else "–" for cell in cells)
        rows.append(f"| `[{section}] {key}` | {' | '.join(shown)} |")
    return "\n".join(rows) + "\n"
