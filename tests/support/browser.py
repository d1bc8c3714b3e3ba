"""A real browser for tests: Chromium, driven by WebDriver, which is JSON over HTTP and needs no package of its own.

Source: W3C WebDriver, "Endpoints". Debian: ``apt-get install chromium chromium-driver``.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 30.0
"""Seconds until something that must come has not."""

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=900,760")


def missing() -> str | None:
    """What is missing for a browser, or None."""
    for names in (("chromium", "chromium-browser", "google-chrome"), ("chromedriver",)):
        if not any(map(shutil.which, names)):
            return f"no {names[0]} here (Debian: apt-get install chromium chromium-driver)"
    return None


class Browser:
    """One session of WebDriver. A tab is the handle of a window."""

    def __init__(self, driver: str, session: str) -> None:
        self._session = f"{driver}/session/{session}"
        self._http = httpx.Client(timeout=PATIENCE)

    def _do(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, self._session + path, json=body if method == "POST" else None)
        value = answer.json()["value"]
        assert answer.is_success, value
        return value

    def open(self, url: str) -> None:
        self._do("POST", "/url", url=url)

    def reload(self) -> None:
        self._do("POST", "/refresh")

    @property
    def url(self) -> str:
        found: str = self._do("GET", "/url")
        return found

    def run(self, script: str) -> Any:
        """Run a script in the page and return what it returns."""
        return self._do("POST", "/execute/sync", script=script, args=[])

    def text(self, selector: str) -> str:
        """The text of an element; empty where it is hidden or not there."""
        script = f"const e = document.querySelector({selector!r}); return e?.checkVisibility() ? e.innerText : ''"
        found: str = self.run(script)
        return found

    def click(self, selector: str) -> None:
        self.run(f"document.querySelector({selector!r}).click()")

    def new_tab(self) -> str:
        """Open a tab and turn to it."""
        handle: str = self._do("POST", "/window/new", type="tab")["handle"]
        self.turn_to(handle)
        return handle

    def close_tab(self) -> None:
        self._do("DELETE", "/window")

    @property
    def tab(self) -> str:
        found: str = self._do("GET", "/window")
        return found

    def turn_to(self, tab: str) -> None:
        self._do("POST", "/window", handle=tab)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))

    def errors(self) -> list[str]:
        """What the pages complained of since the last call, network errors apart."""
        entries = self._do("POST", "/se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE" and entry["source"] != "network"]

    def close(self) -> None:
        self._do("DELETE", "")
        self._http.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser with an empty profile, and leave nothing of it."""
    with tempfile.TemporaryDirectory(prefix="browser", ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "driver.log"
        command = [str(shutil.which("chromedriver")), "--port=0", f"--log-path={log}"]
        environ = {**os.environ, "HOME": folder}
        driver = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environ
        )
        with driver:
            try:
                url = f"http://127.0.0.1:{_port(driver)}"
                browser = Browser(url, _session(url, folder))
                try:
                    yield browser
                finally:
                    browser.close()
            finally:
                driver.terminate()


def _port(driver: subprocess.Popen[bytes]) -> int:
    assert driver.stdout is not None
    for line in driver.stdout:
        if b"started successfully on port" in line:
            return int(line.rstrip(b".\n").split()[-1])
    raise AssertionError(f"the driver ended with {driver.wait()}")


def _session(url: str, folder: str) -> str:
    options = {"args": [*FLAGS, f"--user-data-dir={folder}/profile"]}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    body = {"capabilities": {"alwaysMatch": wanted}}
    value = httpx.post(f"{url}/session", json=body, timeout=PATIENCE).json()["value"]
    session: str = value["sessionId"]
    return session
