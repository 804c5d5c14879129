"""IFC files: `client` looks at them, `decode` reads them, `cite` shows the records."""

from takeoff.vendors.ifc import cite, client, decode

__all__ = ["cite", "client", "decode"]
