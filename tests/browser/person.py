"""A person at a browser: a headless Chromium that reaches nothing but this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.e2e import servers

PATIENCE = 30.0

FLAGS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

DOCUMENT = "return document.readyState === 'complete' ? performance.timeOrigin : null"
"""Which page is there; nothing while it is still being loaded."""

FINDINGS = """
const named = field => field.labels && field.labels.length || field.getAttribute('aria-label') || field.title;
const page = document.querySelector('.wrap.tillbridge');
const all = selector => [...page.querySelectorAll(selector)];
const ids = all('[id]').map(one => one.id);
const levels = all('h1, h2, h3, h4').map(one => Number(one.tagName[1]));
return [
    ...all('input:not([type=hidden]), select, textarea').filter(one => !named(one)).map(one => 'no label: ' + one.name),
    ...all('button, a').filter(one => !one.textContent.trim()).map(one => 'no words: ' + one.outerHTML),
    ...all('img:not([alt])').map(one => 'no alternative: ' + one.src),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => 'twice: ' + id),
    ...levels.filter((level, at) => level > (at ? levels[at - 1] : 0) + 1).map(level => 'out of order: h' + level),
    ...all('[aria-describedby]').flatMap(one => one.getAttribute('aria-describedby').split(' '))
        .filter(id => !document.getElementById(id)).map(id => 'describes nothing: ' + id),
    ...all('th').filter(one => !one.scope).map(one => 'no scope: ' + one.textContent),
    ...all('.dashicons:not([aria-hidden=true])').map(one => 'an icon is read out: ' + one.className),
];
"""
"""What a first look with axe would complain about, in our part of the page."""


class Person:
    """Looks at pages and presses buttons. Use it with `with`."""

    def __init__(self, folder: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = servers.program("chromium", "chromium-browser", "google-chrome")
        for flag in (*FLAGS, f"--user-data-dir={folder}", "--window-size=1280,900"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(servers.program("chromedriver"))
        self._driver = webdriver.Chrome(options=options, service=service)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()

    def open(self, url: str) -> None:
        self._driver.get(url)

    def log_in(self, shop: str, name: str, password: str) -> None:
        """As WordPress' own form does it."""
        self._driver.delete_all_cookies()
        self.open(f"{shop}/wp-login.php")
        for field, text in {"user_login": name, "user_pass": password}.items():
            self.run("document.getElementById(arguments[0]).value = arguments[1]", field, text)
        self._leave_by(self.find("#wp-submit"))
        self.turn_away()

    def narrow(self, width: int) -> None:
        """Look at it on a screen so narrow."""
        size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def widen(self) -> None:
        self._driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def find(self, selector: str) -> WebElement:
        return self._driver.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector: str) -> int:
        return len(self.all(selector))

    def press(self, words: str) -> None:
        """The button or the link on which these words stand; waits for the page that follows."""
        here = "//*[contains(concat(' ', @class, ' '), ' tillbridge ')]"
        said = f"[normalize-space(.)={words!r}]"
        self._leave_by(self._driver.find_element(By.XPATH, f"{here}//button{said} | {here}//a{said}"))

    def turn_away(self) -> None:
        """Leave the page, and forget what the console had against it: it was not ours."""
        self.open("about:blank")
        self.complaints()

    def _leave_by(self, way: WebElement) -> None:
        """Click on what leads to another page, and wait until that is there."""
        before = self.run(DOCUMENT)
        way.click()
        wait = WebDriverWait(self._driver, PATIENCE, 0.05, ignored_exceptions=[WebDriverException])
        wait.until(lambda _: self.run(DOCUMENT) not in (before, None))

    def all(self, selector: str) -> list[WebElement]:
        return self._driver.find_elements(By.CSS_SELECTOR, selector)

    def buttons(self) -> list[str]:
        """What stands on the buttons of our part of the page."""
        return [self.line(button) for button in self.all(".wrap.tillbridge button:not(.notice-dismiss)")]

    def links(self) -> dict[str, str]:
        """Where the links of the page lead, by what they say to those who hear it."""
        found = self.run("return [...document.querySelectorAll('a')].map(one => [one.textContent, one.href])")
        return {words.strip(): address for words, address in found}

    def line(self, element: WebElement) -> str:
        """What is to be read or heard there, in one line."""
        return re.sub(r"\s+", " ", element.text).strip()

    @contextmanager
    def without_javascript(self) -> Iterator[None]:
        """As somebody whose browser runs no script."""
        self._driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            yield
        finally:
            self._driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def type(self, selector: str, text: str) -> None:
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def reads(self, selector: str = ".wrap.tillbridge") -> str:
        """What is to be read there, in one line."""
        return self.line(self.find(selector))

    def run(self, script: str, *arguments: object) -> Any:
        return self._driver.execute_script(script, *arguments)

    def findings(self) -> list[str]:
        """What keeps somebody from using our part of the page."""
        return list(self.run(FINDINGS))

    def overhang(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.run("return document.documentElement.scrollWidth - window.innerWidth"))

    def complaints(self) -> list[str]:
        """Errors in the browser's console since the last look. Pictures of other machines cannot be loaded here."""
        entries = [entry for entry in self._driver.get_log("browser") if entry["level"] == "SEVERE"]
        return [str(entry["message"]) for entry in entries if "gravatar.com" not in entry["message"]]

    def picture(self, file: Path) -> None:
        """For a person who wants to see it."""
        self._driver.save_screenshot(str(file))
