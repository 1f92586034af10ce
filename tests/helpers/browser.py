"""A headless Chromium, for pages that must work in a browser: what it makes of a file, and what it tried to load."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import tool_missing

TIMEOUT_S = 120
NO_ORIGIN = "not an origin"
FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-pings",
    "--virtual-time-budget=10000",
)


@dataclass(frozen=True)
class Browser:
    executable: str
    folder: Path

    def _run(self, *arguments: str) -> str:
        profile = self.folder / "profile"
        shutil.rmtree(profile, ignore_errors=True)
        command = [self.executable, *FLAGS, f"--user-data-dir={profile}", *arguments]
        home = {**os.environ, "HOME": str(self.folder)}  # it writes there beside its profile
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True, cwd=self.folder, env=home
        )
        return done.stdout

    def dom(self, page: Path | str, fragment: str = "") -> str:
        """The document as it stands after its scripts ran; a page is a file or a URL."""
        return self._run("--dump-dom", _url(page) + fragment)

    def screenshot(
        self, page: Path | str, target: Path, *, width: int = 1100, height: int = 1500, dark: bool = False
    ) -> None:
        extra = ["--blink-settings=preferredColorScheme=0"] if dark else []
        self._run(*extra, f"--screenshot={target}", f"--window-size={width},{height}", "--hide-scrollbars", _url(page))

    def loaded(self, page: Path | str) -> set[str]:
        """What the page asked for beside itself, from Chromium's network log; the browser's own requests, which have
        no origin, are left out.  No name is resolved, and no address reached but this machine's own.
        """
        log = self.folder / "net.json"
        self._run(
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--log-net-log={log}", "--dump-dom", _url(page)
        )
        requests = (event.get("params", {}) for event in json.loads(log.read_text(encoding="utf-8"))["events"])
        return {item["url"] for item in requests if "url" in item and item.get("initiator", NO_ORIGIN) != NO_ORIGIN}


def _url(page: Path | str) -> str:
    return page if isinstance(page, str) else page.as_uri()


def find_browser(folder: Path) -> Browser:
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if executable is None:
        tool_missing("no Chromium is installed (Debian: apt install chromium)")
    return Browser(executable, folder)
