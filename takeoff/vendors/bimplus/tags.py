"""ETags as the service writes them: in quotes, sometimes with `W/` before them."""

from __future__ import annotations


def plain(header: str | None) -> str | None:
    """The tag without quotes and `W/`; null if there is none. Case is kept."""
    tag = (header or "").strip()
    if tag[:2] in ("W/", "w/"):
        tag = tag[2:].strip()
    return tag.strip('"') or None
