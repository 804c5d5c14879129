"""A vendor as small as can be: bills of quantities kept as one JSON list a model."""

from paper import cite, client, decode

__all__ = ["cite", "client", "decode"]
