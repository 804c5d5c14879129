"""Which addresses may be asked; and connections that refuse others before a byte is sent.

Links to results come from an answer; they must not make us ask an address that only we can reach.
The address is that of the connection itself, so no name can mean another one a moment later.
Behind a proxy it is the proxy that finds the address and connects. Then what a name means to this
machine is all that can be looked at, if it means anything here; names that only private networks
have are refused with and without a proxy.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.plain import harmless

# Readers of addresses disagree about what other characters in a host mean.
_PLAIN_HOST = re.compile(r"[0-9A-Za-z._~:-]+")
# Such a host is an address, and no name, to whoever reads it at all (WHATWG's URL standard).
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0[xX][0-9A-Fa-f]*)\.?")
# IPv6 hands out addresses of this network only; others are of this machine, a link, or a site.
_HANDED_OUT = ipaddress.IPv6Network("2000::/3")
# Under these an IPv4 address is reached from where only IPv6 is spoken (RFC 6052).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# Endings that the internet gives to nobody, so that only a private network can know such a name
# (RFC 6761, 6762, 8375; ICANN on internal, corp, home and mail; Kubernetes' svc).
_PRIVATE_ENDINGS = frozenset(
    "corp home home.arpa internal intranet lan local localdomain localhost mail private svc".split()
)
# Proper names by which clouds offer a machine its own keys; others are addresses, or end as above.
_METADATA = frozenset(("metadata.tencentyun.com",))


def checked_base(base_url: str, name: str) -> tuple[str, bool]:
    """The base URL without its last slash, and whether it is this machine's.

    Raises: InputRefused unless it is https, or http on this machine, and nothing but an address.
    """
    try:
        parts = urlsplit(base_url.strip())
        host = parts.hostname or ""
        is_usable = parts.port != 0 and not (parts.query or parts.fragment or "@" in base_url)
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

    Raises: NotUnderstood unless it is plain https to what is neither an address nor a name of
    private networks.
    """
    try:
        parts = urlsplit(link)
        host, is_bare = parts.hostname or "", "@" not in parts.netloc
    except ValueError:
        host, is_bare = "", False
    if is_local and is_bare and parts.scheme == "http" and is_loopback(host):
        return
    if not is_bare or parts.scheme != "https" or not _is_plain(host):
        raise NotUnderstood(
            f"A link that {name} gave is no plain https address; it is not followed."
        )
    must_be_public(host)


def must_be_public(host: str) -> None:
    """Raises: NotUnderstood if `host` is an address that is not on the public internet, or a name
    that only private networks have.
    """
    address = _literal(host)
    if address is None and _is_private_name(host):
        raise NotUnderstood(
            f"A link leads to {host}, a name that only private networks have, which is not on the "
            "public internet; it is not followed."
        )
    if address is not None and not _is_public(address):
        raise NotUnderstood(
            f"A link leads to {address}, which is not on the public internet; it is not followed."
        )


def _is_plain(host: str) -> bool:
    """Whether every reader takes it for the same name or address: 010.1 is 8.0.0.1 to some."""
    if not _PLAIN_HOST.fullmatch(host):
        return False
    return _literal(host) is not None or not _ENDS_IN_NUMBER.fullmatch(host)


def _is_private_name(host: str) -> bool:
    """Whether it has no dot, as names of machines nearby, or an ending of private networks."""
    name = host.lower().rstrip(".")
    labels = name.split(".")
    endings = (".".join(labels[at:]) for at in range(len(labels)))
    return len(labels) == 1 or name in _METADATA or not _PRIVATE_ENDINGS.isdisjoint(endings)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    meant = _meant(address)
    is_handed_out = isinstance(meant, IPv4Address) or meant in _HANDED_OUT
    return is_handed_out and meant.is_global and not meant.is_multicast


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


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


def shown_base(base_url: str) -> str:
    """What may be shown of a base URL as somebody wrote it, perhaps with a login or token."""
    try:
        return harmless(checked_base(base_url, "")[0])
    except InputRefused:
        return "no usable address"


class Meanings:
    """What names mean to this machine, each asked for once; safe to use from threads.

    Where a proxy is all that leads outside, asking for a name may take a while and bring nothing.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = {}
        self._asking = threading.Lock()

    def must_be_public(self, host: str) -> None:
        """Raises: NotUnderstood if `host` means an address here that is not on the internet."""
        with self._asking:
            if host not in self._known:
                self._known[host] = _addresses_of(host)
        for address in self._known[host]:
            if not _is_public(ipaddress.ip_address(address.split("%")[0])):
                raise NotUnderstood(
                    f"A link leads to {host}, which means {address} here, which is not on the "
                    "public internet; it is not followed. If this network answers so for names of "
                    "the internet, its name server must leave that to the proxy."
                )


class PublicConnection(HTTPSConnection):
    """HTTPS, to public addresses only; others are not even connected to."""

    def _new_conn(self) -> socket.socket:
        for address in _addresses_of(self.host, self.port):
            must_be_public(address)
        connected = super()._new_conn()
        try:
            must_be_public(str(connected.getpeername()[0]))
        except NotUnderstood:
            connected.close()
            raise
        return connected


def _addresses_of(host: str, port: int | None = None) -> list[str]:
    """What a name means now; none if nothing, which connecting says in its words."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


class PublicPool(HTTPSConnectionPool):
    """A pool of them."""

    ConnectionCls = PublicConnection
