"""Somebody who looks at pages and sends forms: in Chromium where it is installed, over plain HTTP otherwise."""

import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HAS_CHROMIUM = bool(CHROMIUM and CHROMEDRIVER)
HOW_TO_GET_CHROMIUM = (
    "Chromium is missing, so the browser test ran over plain HTTP instead. "
    "On Debian and Ubuntu: apt-get install chromium chromium-driver"
)

SECONDS = 20
"""How long a page may take."""


class Visitor(Protocol):
    @property
    def address(self) -> str:
        """Where the visitor is."""

    @property
    def text(self) -> str:
        """What the page says."""

    def open(self, address: str) -> None: ...

    def send(self, *, outcome: str | None = None, **fields: str) -> None:
        """Fill in the page's form, press its button (the one called `outcome` of that value), go where that leads."""

    def waits_to_read(self, text: str) -> None:
        """Stay until the page, which looks again by itself, says so."""

    def field(self, name: str) -> str:
        """What stands in a field of the form."""


class Chromium:
    """A Visitor in a browser."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
        ):  # fmt: skip
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
        self.driver.set_page_load_timeout(SECONDS)

    def starts_anew(self) -> None:
        """No page, no cookie, no complaint and no screen is left of what was looked at before."""
        for command in ("Emulation.clearDeviceMetricsOverride", "Network.clearBrowserCookies", "Network.clearBrowserCache"):
            self.driver.execute_cdp_cmd(command, {})
        self.driver.get("about:blank")
        self.complaints()

    def close(self) -> None:
        self.driver.quit()

    @property
    def address(self) -> str:
        return str(self.driver.current_url)

    @property
    def text(self) -> str:
        return str(self._waiting().until(lambda driver: driver.execute_script("return document.body.innerText")))

    def open(self, address: str) -> None:
        self.driver.get(address)

    def send(self, *, outcome: str | None = None, **fields: str) -> None:
        for name, value in fields.items():
            field = self.driver.find_element(By.NAME, name)
            field.clear()
            field.send_keys(value)
        self._click(By.CSS_SELECTOR, f"button[value={outcome}]" if outcome else "form button")

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that says just this; go where that leads."""
        self._click(By.XPATH, f"//*[self::button or self::a][normalize-space()='{words}']")

    def _click(self, by: str, what: str) -> None:
        found = self.driver.find_element(by, what)
        self.driver.execute_script("window.isWhereItWasClicked = true")
        found.click()
        arrived = "return !window.isWhereItWasClicked && document.readyState == 'complete'"
        try:
            self._waiting().until(lambda driver: driver.execute_script(arrived))
        except TimeoutException as error:
            raise AssertionError(f"the click led nowhere; the console says {self.complaints()}") from error

    def waits_to_read(self, text: str) -> None:
        self._waiting().until(lambda _: text in self.text, f"never read {text!r}")

    def _waiting(self) -> WebDriverWait[webdriver.Chrome]:
        """Between two pages the driver may not find its way in either: that is no news."""
        return WebDriverWait(self.driver, SECONDS, ignored_exceptions=[WebDriverException])

    def field(self, name: str) -> str:
        return str(self.driver.find_element(By.NAME, name).get_property("value"))

    def complaints(self) -> list[str]:
        """What the browser refused to do, as its console tells it, but for the icon that we have none of."""
        return [line["message"] for line in self.driver.get_log("browser") if "favicon.ico" not in line["message"]]


class PlainHttp:
    """A Visitor without a browser: one form a page, no styles, and form-action heeded as a browser would."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.answer: requests.Response | None = None

    def starts_anew(self) -> None:
        self.session.cookies.clear()
        self.answer = None

    def close(self) -> None:
        self.session.close()

    @property
    def page(self) -> "Page":
        assert self.answer is not None
        return Page(self.answer.text)

    @property
    def address(self) -> str:
        assert self.answer is not None
        return self.answer.url

    @property
    def text(self) -> str:
        return self.page.text

    def open(self, address: str) -> None:
        self._go("GET", address)

    def send(self, *, outcome: str | None = None, **fields: str) -> None:
        page, policy = self.page, self.answer.headers["Content-Security-Policy"] if self.answer else ""
        assert fields.keys() <= page.fields.keys()
        assert outcome is None or outcome in page.outcomes
        data = page.fields | fields | ({"outcome": outcome} if outcome else page.first_button or {})
        self._go(page.method, urljoin(self.address, page.action), data, stay=policy.endswith("form-action 'self'"))

    def waits_to_read(self, text: str) -> None:
        for _ in range(SECONDS):
            if text in self.text:
                return
            assert self.page.looks_again, f"the page does not look again, and says {self.text!r}"
            time.sleep(0.1)
            self.open(self.address)
        raise AssertionError(f"never read {text!r}")

    def field(self, name: str) -> str:
        return self.page.fields[name]

    def _go(self, verb: str, address: str, data: dict[str, str] | None = None, *, stay: bool = False) -> None:
        for _ in range(10):
            answer = self.session.request(verb, address, data=data, allow_redirects=False, timeout=SECONDS)
            if answer.status_code != 303:
                self.answer = answer
                return
            verb, address, data, before = "GET", urljoin(address, answer.headers["Location"]), None, address
            assert not stay or urlsplit(before)[:2] == urlsplit(address)[:2], f"form-action does not allow {address}"
        raise AssertionError("too many redirects")


class Page(HTMLParser):
    """What stands in a page with at most one form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action, self.method, self.outcomes = "", "GET", set[str]()
        self.first_button: dict[str, str] | None = None
        self.fields: dict[str, str] = {}
        self.looks_again = False
        self._words: list[str] = []
        self._unseen, self._textarea = 0, ""
        self.feed(re.sub("</?bdi>", "", html))  # a word of its own, but no blank round it
        self.close()
        self.text = re.sub(r"\s+", " ", " ".join(self._words)).strip()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attributes)
        if tag in {"style", "title"}:
            self._unseen += 1
        elif tag == "meta" and given.get("http-equiv") == "refresh":
            self.looks_again = True
        elif tag == "form":
            self.action, self.method = given.get("action", ""), given.get("method", "get").upper()
        elif tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._textarea = given["name"]
            self.fields[self._textarea] = ""
        elif tag == "button":
            if self.first_button is None:
                self.first_button = {given["name"]: given["value"]} if "name" in given else {}
            if given.get("name") == "outcome":
                self.outcomes.add(given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "title"}:
            self._unseen -= 1
        elif tag == "textarea":
            self.fields[self._textarea] = self.fields[self._textarea].removeprefix("\n")
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data
        elif not self._unseen:
            self._words.append(data)
