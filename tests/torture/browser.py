"""Hostile names in Chromium: whether anything in our pages runs that is not our own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

from takeoff.render import forms

from .names import QUESTIONS, REPORTS, lake_of_names, shown
from .tally import Part, Sizes, Tally, each

_PATIENCE_S = 120
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
# Notes what a name would call, and lets the page show as many rows as it can.
_WATCH = """<script>
window.alert = () => document.documentElement.setAttribute("data-run", "1");
addEventListener("load", () => setTimeout(() => {
  for (const many of document.querySelectorAll("select")) {
    many.selectedIndex = many.options.length - 1;
    many.dispatchEvent(new Event("change", {bubbles: true}));
  }
}, 500));
</script>"""
_RUN = 'data-run="1"'
_PLANTED = "<img src=x onerror=alert(1)>"
_SHOWN = "&lt;img src=x onerror=alert(1)&gt;"
_EVERY = [*QUESTIONS, *REPORTS]


class _Elements(HTMLParser):
    """What of a page would do something that none of ours does."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            is_code = (value or "").strip().lower().startswith(("javascript:", "file:"))
            if name.startswith("on") or is_code or (tag, name) == ("img", "src"):
                self.found.append(f"<{tag} {name}={value}>")


def _run(seeds: Sequence[int], folder: Path) -> Tally:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or "html" not in forms():
        return each(seeds[:1], lambda seed: "not tried: no Chromium (Debian package chromium)")
    lake = lake_of_names(folder / "lakes")
    chromium = _Chromium(browser, folder)
    assert _RUN in chromium.seen(f"<html><head>{_WATCH}</head><body>{_PLANTED}</body></html>")

    def once(seed: int) -> str:
        question = _EVERY[seed % len(_EVERY)]
        target = folder / f"{question}.html"
        shown(lake, question, target)
        page = target.read_text("utf-8")
        usual = _Elements(page)
        assert not usual.found, f"{question}: {usual.found[:3]} in the page"
        assert _POLICY.search(page), f"{question}: the page lets anything run"
        unguarded = _POLICY.sub("", page).replace("<head>", f"<head>{_WATCH}", 1)
        for words, opened, more in (("as it is", page, 0), ("unguarded", unguarded, 1)):
            seen = chromium.seen(opened)
            elements = _Elements(seen)
            assert _RUN not in seen, f"{question}, {words}: a name was run"
            assert not elements.found, f"{question}, {words}: {elements.found[:3]} was made"
            assert elements.scripts == usual.scripts + more, f"{question}: {elements.scripts}"
        assert _SHOWN in seen, f"{question}: the name is not shown"
        return "pages"

    return each(seeds, once)


class _Chromium:
    """Opens pages without a window, one after the other."""

    def __init__(self, browser: str, folder: Path) -> None:
        self._folder = folder
        self._command = [browser, "--headless", "--disable-gpu", "--virtual-time-budget=8000"]
        # In a container there is no other user to be; what is opened is ours.
        self._command += ["--no-sandbox", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]

    def seen(self, page: str) -> str:
        """The page as it stands after its scripts have run."""
        path = self._folder / "page.html"
        path.write_text(page, "utf-8")
        try:
            return self._opened(path)
        except subprocess.TimeoutExpired:  # one that hangs is started once more
            return self._opened(path)

    def _opened(self, path: Path) -> str:
        command = [*self._command, path.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=True)
        return done.stdout.decode("utf-8", "replace")


PARTS = (
    Part(
        "names in Chromium",
        "0 run and 0 elements made of them in our pages, also without their security policy",
        Sizes(few=0, short=len(_EVERY), full=len(_EVERY)),
        _run,
    ),
)
