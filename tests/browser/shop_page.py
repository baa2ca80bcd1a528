"""The page WooCommerce > Tillbridge as tests handle it, and what must hold of it whatever it says."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import requests

from tests.browser.person import Person
from tests.e2e import calls
from tests.wordpress.rig import Site

PHONE = 390


class ShopPage:
    """Opens it and looks at it."""

    def __init__(self, site: Site, person: Person) -> None:
        self._site = site
        self._person = person
        self.url = f"{site.url}/wp-admin/admin.php?page=tillbridge"

    def connect_to(self, listener: str) -> None:
        """As if this shop had been paired at the address where it is."""
        address = self._site.call("Tillbridge\\Connection::hash_of_address", self._site.secret)
        self._site.connect(listener, address_hash=address, paired_at=1_700_000_000)

    def answer_at_another_address(self) -> None:
        """As a search-and-replace over a copy of the database does it."""
        self._site.call("update_option", "home", f"http://localhost:{self._site.port}")

    def open(self) -> float:
        """Open it as the shop's owner; in how many seconds it was there."""
        began = time.monotonic()
        self._person.open(self.url)
        return time.monotonic() - began

    def says(self) -> str:
        """Its first sentence."""
        return self._person.reads(".tillbridge-sentence")

    def fact(self, name: str) -> str:
        """A line of the list."""
        found = re.search(rf"(?m)^{re.escape(name)}\s+(.*)$", self._person.find(".tillbridge-facts").text)
        assert found is not None, f"no line {name!r}"
        return found[1]

    def state(self) -> str:
        """What the plugin itself says of the connection."""
        return str(self._local()["state"])

    def waiting(self) -> int:
        """How many changes wait in the shop, as the plugin itself says."""
        return int(self._local()["unacknowledged"])

    def _local(self) -> dict[str, Any]:
        found: dict[str, Any] = self._site.act(
            ("Tillbridge\\load_controls", []), ("Tillbridge\\Status::read", [])
        ).results[1]
        return found

    def assert_usable(self) -> None:
        """It can be used on a phone, and by those who hear it."""
        self._person.narrow(PHONE)
        assert self._person.overhang() <= 0
        assert self._person.findings() == []
        self._person.widen()


class Visitor:
    """Somebody with an account, without a browser: for what a browser would not send."""

    def __init__(self, site: Site, name: str, role: str) -> None:
        self._site = site
        self._client: requests.Session = calls.session()
        self.user_id = 0
        self._name = name
        self._role = role

    def __enter__(self) -> Visitor:
        password = "a-long-enough-password"
        user = {"user_login": self._name, "user_pass": password, "role": self._role}
        self.user_id = int(self._site.call("wp_insert_user", user))
        self._client.cookies.set("wordpress_test_cookie", "WP%20Cookie%20check", domain="127.0.0.1")
        form = {"log": self._name, "pwd": password, "testcookie": "1"}
        answer = self._client.post(f"{self._site.url}/wp-login.php", data=form, timeout=60, allow_redirects=False)
        assert answer.status_code == 302, answer.text[:300]
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._site.sql(f"DELETE FROM wp_users WHERE ID = {self.user_id}")
        self._site.sql(f"DELETE FROM wp_usermeta WHERE user_id = {self.user_id}")

    def open(self, path: str = "/wp-admin/admin.php?page=tillbridge") -> requests.Response:
        return self._client.get(self._site.url + path, timeout=60)

    def press(self, action: str, nonce: str, method: str = "POST") -> requests.Response:
        """Send what a button sends."""
        fields = {"action": f"tillbridge_{action}", "_wpnonce": nonce}
        where = f"{self._site.url}/wp-admin/admin-post.php"
        sent = {"params": fields} if method == "GET" else {"data": fields}
        return self._client.request(method, where, timeout=60, allow_redirects=False, **sent)  # type: ignore[arg-type]

    def forged_nonce(self, action: str) -> str:
        """A nonce that is good for this account, which no page of ours would give it."""
        body = json.dumps({"calls": [["wp_create_nonce", [f"tillbridge_{action}"]]]})
        answer = self._client.post(f"{self._site.url}/?hand=1", data=body, headers=self._site.trouble(), timeout=60)
        return str(answer.json()["results"][0])

    def nonce(self, action: str) -> str:
        """The nonce in the form of one of the page's buttons."""
        form = rf'value="tillbridge_{action}">\s*<input type="hidden" name="_wpnonce" value="([0-9a-f]+)"'
        found = re.search(form, self.open().text)
        assert found is not None, f"no button for {action}"
        return found[1]
