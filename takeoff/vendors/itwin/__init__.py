"""Bentley iTwin: `client` asks, `decode` reads what came, `cite` shows the rows behind the rows."""

from takeoff.vendors.itwin import cite, client, decode

__all__ = ["cite", "client", "decode"]
