"""A page that we wrote, read back: its marks as a browser finds them, and its data."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import StringIO
from typing import Any

from takeoff.core.results import Result
from takeoff.render import html

# Names that would set a mark on the window if they were read as marks or scripts.
PAYLOADS = (
    "<img src=x onerror=window.canary=1>",
    "</script><script>window.canary=1</script>",
    "<svg onload=window.canary=1>",
    "'\"><iframe srcdoc='<script>parent.canary=1</script>'>",
    "&lt;img src=x onerror=window.canary=1&gt;",
    "<!--<script>window.canary=1",
    "</style><script>window.canary=1</script>",
    "</title><script>window.canary=1</script>",
    "{{ ''.__class__ }}${window.canary=1}`;window.canary=1//",
    "javascript:window.canary=1",
)
_RAW = ("script", "style")


@dataclass
class Page:
    """`tags` are all that begin, with their attributes; `text` is what is read, without scripts."""

    source: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    raw: list[tuple[str, dict[str, str | None], str]] = field(default_factory=list)
    text: str = ""

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(next(text for _, about, text in self.raw if about.get("id") == "data"))

    @property
    def policy(self) -> str:
        metas = [about for tag, about in self.tags if tag == "meta"]
        return str(next(m["content"] for m in metas if "http-equiv" in m))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [about for name, about in self.tags if name == tag]

    def rows(self, place: int = 0) -> list[list[str | None]]:
        """The rows of one table of the data, as the script unpacks them."""
        return unpacked(self.data["tables"][place])


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page, self._inside = page, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._page.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag in _RAW:
            self._page.raw.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in _RAW:
            tag, about, text = self._page.raw[-1]
            self._page.raw[-1] = (tag, about, text + data)
        else:
            self._page.text += data


def page_of(result: Result) -> Page:
    stream = StringIO()
    html.write(result, stream)
    page = Page(stream.getvalue())
    reader = _Reader(page)
    reader.feed(page.source)
    reader.close()
    return page


def unpacked(table: dict[str, Any]) -> list[list[str | None]]:
    columns = [
        column if isinstance(column, list) else [column["values"][code] for code in column["codes"]]
        for column in table["data"]
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def hash_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
