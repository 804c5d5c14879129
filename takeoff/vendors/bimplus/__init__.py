"""Bimplus: `client` asks, `decode` reads what came, `cite` shows the rows behind the rows."""

from takeoff.vendors.bimplus import cite, client, decode

__all__ = ["cite", "client", "decode"]
