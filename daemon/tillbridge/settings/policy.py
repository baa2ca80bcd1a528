"""The settings as they are in force: every option with its value and where that comes from. No secret is in it."""

from __future__ import annotations

from collections.abc import Mapping

from tillbridge.settings.rows import Given
from tillbridge.settings.table import FREE, OPTIONS, Settings

DEFAULT = "default"
HIDDEN = "(set, not shown)"


def policy(settings: Settings, learned: Mapping[str, Given]) -> list[dict[str, str]]:
    """A row for each option, and for each entry of the free sections: name, value, source. `learned` are those that
    something else than the settings decided, where these left them open."""
    rows = []
    for option in OPTIONS:
        given = settings.given.get(option.name) or learned.get(option.name) or Given(option.default or "", DEFAULT)
        secret = option.kind.secret and not given.text.startswith(("env:", "file:")) and given.text
        rows.append({"name": option.name, "value": HIDDEN if secret else given.text, "source": given.source})
    free = {name: given for name, given in settings.given.items() if name.partition(".")[0] in FREE}
    return rows + [{"name": name, "value": given.text, "source": given.source} for name, given in free.items()]
