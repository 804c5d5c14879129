"""Hosts that note all they are sent: behind one proxy, with names and certificates of their own.

The proxy is that of the environment, as takeoff uses it; it leads nowhere, and answers itself.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from loopback import Reply, Seen, Server, read_request

_PORTS = {"http": 80, "https": 443}
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True)
class Came:
    """A request as it came over the wire, and the origin that it was sent to, its port included."""

    origin: str
    seen: Seen

    @property
    def content(self) -> bytes:
        """All of it that the other side can read."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.seen.headers.items())
        return f"{self.seen.target}\n{headers}\n".encode() + self.seen.body


Script = Callable[[Came], Reply]


class Listening(Server):
    """One origin, on a port of this machine."""

    def __init__(self, script: Script, came: list[Came]) -> None:
        def answer(seen: Seen) -> Reply:
            came.append(Came(self.url, seen))
            return script(came[-1])

        super().__init__(answer)


class Internet(Server):
    """All origins whose hosts are in the certificate, and those without, behind one proxy."""

    def __init__(self, script: Script, came: list[Came], certificate: Path) -> None:
        self._script, self._came = script, came
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        super().__init__(lambda seen: None)

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            asked = read_request(stream)
            if asked is None:
                return
            if asked.method != "CONNECT":
                parts = urlsplit(asked.target)
                netloc = parts.netloc or asked.headers.get("host", "")
                self._reply(connection, origin(parts.scheme or "http", netloc), asked)
                return
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            with (
                self._tls.wrap_socket(connection, server_side=True) as private,
                private.makefile("rb") as inner,
            ):
                seen = read_request(inner)
                if seen is not None:
                    self._reply(private, origin("https", asked.target), seen)

    def _reply(self, connection: socket.socket, where: str, seen: Seen) -> None:
        came = Came(where, seen)
        self._came.append(came)
        connection.sendall(b"".join(self._script(came).wire()))


def origin(scheme: str, netloc: str) -> str:
    """An origin as it is compared: host in lower case, and the port, also if it is the usual."""
    parts = urlsplit(f"{scheme}://{netloc}")
    return f"{scheme}://{parts.hostname}:{parts.port or _PORTS[scheme]}"


def make_certificate(path: Path, hosts: Sequence[str]) -> None:
    """A key, and a certificate of it for these hosts that it signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, hosts)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))


@contextmanager
def surroundings(
    folder: Path, proxy: str | None = None, certificate: Path | None = None
) -> Iterator[None]:
    """An environment with this proxy, or none, which trusts this certificate alone.

    A file `.netrc` in `folder` has a password for every host.
    """
    (folder / "netrc").write_text("default login me password of-netrc\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRC", str(folder / "netrc"))
        for name in _PROXIES:
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        if proxy is not None:
            patch.setenv("http_proxy", proxy)
            patch.setenv("https_proxy", proxy)
        if certificate is not None:
            patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        yield


@contextmanager
def connections() -> Iterator[list[tuple[str, int]]]:
    """Whatever is connected to meanwhile, or tried to: address and port."""
    found: list[tuple[str, int]] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: tuple[str, int]) -> None:
        found.append((str(address[0]), address[1]))
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", noted)
        yield found
