"""Which addresses may be asked; and connections that refuse others before a byte is sent.

Links to results come from an answer; they must not make us ask an address that only we can reach.
The address is that of the connection itself, so no name can mean another one a moment later.
Behind a proxy it is the proxy that connects, and that must refuse.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.plain import harmless


def checked_base(base_url: str, name: str) -> tuple[str, bool]:
    """The base URL without its last slash, and whether it is this machine's.

    Raises: InputRefused unless it is https, or http on this machine, and nothing but an address.
    """
    try:
        parts = urlsplit(base_url.strip())
        host = parts.hostname or ""
        is_usable = parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        host, is_usable = "", False
    is_local = is_loopback(host)
    if not host or not is_usable or parts.scheme not in (("https", "http")[: 1 + is_local]):
        raise InputRefused(
            f"The base URL of {name} must be https://HOST/..., without login and query; "
            "http is only for this machine."
        )
    return parts.geturl().rstrip("/"), is_local


def must_be_safe(link: str, name: str, *, is_local: bool) -> None:
    """A link that the vendor `name` gave; http on this machine is safe if the vendor is there, too.

    Raises: NotUnderstood unless it is plain https to what is not known to be private.
    """
    try:
        parts = urlsplit(link)
        host, is_plain = parts.hostname or "", parts.scheme == "http"
    except ValueError:
        host, is_plain = "", False
    if is_local and is_plain and is_loopback(host):
        return
    if not host or parts.scheme != "https" or "@" in parts.netloc:
        raise NotUnderstood(
            f"A link that {name} gave is no plain https address; it is not followed."
        )
    must_be_public(host)


def must_be_public(host: str) -> None:
    """Raises: NotUnderstood if `host` is a literal address that is not on the public internet."""
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return
    if not address.is_global or address.is_multicast:
        raise NotUnderstood(
            f"A link leads to {address}, which is not on the public internet; it is not followed."
        )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, written as a loopback address or `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_of(url: str) -> str:
    """What may be shown of a signed link: only its host."""
    try:
        return harmless(urlsplit(url).hostname or "no host")
    except ValueError:
        return "no host"


class PublicConnection(HTTPSConnection):
    """HTTPS, to public addresses only."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        try:
            must_be_public(str(connected.getpeername()[0]))
        except NotUnderstood:
            connected.close()
            raise
        return connected


class PublicPool(HTTPSConnectionPool):
    """A pool of them."""

    ConnectionCls = PublicConnection
