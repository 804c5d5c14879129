"""Assertions of service accounts: JSON web tokens signed with RSA and SHA-256."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

# DER of the DigestInfo of SHA-256, before the digest: RFC 8017, section 9.2, note 1.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_SEQUENCE, _INTEGER, _BITS = 0x30, 0x02, 0x03


class BadAssertion(Exception):
    """The assertion, or the key, cannot be read or does not fit."""


@dataclass(frozen=True)
class PublicKey:
    modulus: int
    exponent: int


def read_key(text: str) -> PublicKey:
    """A public key as PEM (of either kind) or as JWK. Raises: BadAssertion."""
    try:
        if text.lstrip().startswith("{"):
            parts = json.loads(text)
            return PublicKey(_number(parts["n"]), _number(parts["e"]))
        body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
        return _from_der(base64.b64decode(body, validate=True))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadAssertion("The public key of the service account cannot be read.") from error


def read_assertion(assertion: str, key: PublicKey) -> tuple[dict[str, Any], dict[str, Any]]:
    """(header, claims) of an assertion that this key's owner has signed. Raises: BadAssertion."""
    try:
        head, body, signature = assertion.split(".")
        header, claims = (json.loads(_decoded(part)) for part in (head, body))
        signed = int.from_bytes(_decoded(signature), "big")
    except (ValueError, binascii.Error) as error:
        raise BadAssertion("The assertion is no JSON web token.") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadAssertion("The assertion is no JSON web token.")
    if header.get("alg") != "RS256":
        raise BadAssertion("The assertion must be signed with RS256.")
    if not _is_signed(f"{head}.{body}".encode(), signed, key):
        raise BadAssertion("The signature of the assertion does not fit the key.")
    return header, claims


def _is_signed(content: bytes, signature: int, key: PublicKey) -> bool:
    size = (key.modulus.bit_length() + 7) // 8
    found = pow(signature, key.exponent, key.modulus).to_bytes(size, "big")
    digest = _SHA256 + hashlib.sha256(content).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return hmac.compare_digest(found, wanted)


def _from_der(content: bytes) -> PublicKey:
    """RSAPublicKey, or the SubjectPublicKeyInfo around one."""
    inner = _value(content, _SEQUENCE)[0]
    if inner[0] == _SEQUENCE:
        _, rest = _value(inner, _SEQUENCE)
        bits, _ = _value(rest, _BITS)
        inner = _value(bits[1:], _SEQUENCE)[0]
    modulus, rest = _value(inner, _INTEGER)
    exponent, _ = _value(rest, _INTEGER)
    return PublicKey(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))


def _value(content: bytes, tag: int) -> tuple[bytes, bytes]:
    """The value of the first element, and what follows it."""
    if content[0] != tag:
        raise ValueError("another element was expected")
    length, start = content[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(content[2:start], "big")
    return content[start : start + length], content[start + length :]


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text), "big")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
