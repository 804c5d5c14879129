"""Autodesk: `client` asks, `decode` reads what came, `cite` shows the rows behind the rows."""

from takeoff.vendors.autodesk import cite, client, decode

__all__ = ["cite", "client", "decode"]
