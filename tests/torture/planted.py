"""Secrets that stand somewhere; the search for them in whatever is said, shown, kept or sent."""

from __future__ import annotations

import base64
import gzip
import json
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
import zstandard

# What signs a link opens it for anybody.
SIGNED = "signature="
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Planted:
    """The secrets of one run, and all that was said meanwhile, to be searched at its end."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = set(secrets)
        self.said: dict[str, list[str]] = {}

    def secret(self, name: str, chance: random.Random) -> str:
        """A new one, such as no text has by accident; `+/=` are written otherwise in addresses."""
        made = "".join(chance.choices(_LETTERS, k=24))
        self.secrets.add(made := f"{name}+{made[:12]}/{made[12:]}=")
        return made

    def say(self, where: str, *texts: str) -> None:
        """Remember what was shown there."""
        self.said.setdefault(where, []).extend(texts)

    def must_not_be_said(self) -> None:
        """In nothing of it, however it was written."""
        for where, texts in self.said.items():
            self.must_not_be_in(where, "\n".join(texts).encode("utf-8", "surrogateescape"))

    def must_not_be_in(self, where: str, content: bytes) -> None:
        """Nor percent-encoded, nor in base64, nor as JSON writes it."""
        for secret in sorted(self.secrets):
            for spelling, written in spellings(secret):
                at = content.find(written)
                near = content[max(0, at - 60) : at].decode("utf-8", "replace")
                assert at < 0, f"{secret[:9]}... is in {where}, {spelling}, after {near!r}"

    def must_not_be_under(self, folder: Path) -> None:
        """Not in the names of what lies there, nor in its content, unpacked or not."""
        for path in sorted(folder.rglob("*")):
            self.must_not_be_in("a name", str(path).encode("utf-8", "surrogateescape"))
            if path.is_file():
                for content in _contents(path):
                    self.must_not_be_in(str(path.relative_to(folder)), content)


@cache
def spellings(secret: str) -> tuple[tuple[str, bytes], ...]:
    """How it may be written, each with a word for it; in base64 wherever in a text it begins."""
    plain = secret.encode()
    escaped, full = quote(secret, safe="").encode(), "".join(f"%{byte:02X}" for byte in plain)
    written = {
        "as it is": plain,
        "as in an address": escaped,
        "as in an address in lower case": quote(secret, safe="").lower().encode(),
        "all percent-encoded": full.encode(),
        "in hex": plain.hex().encode(),
        "as in JSON": json.dumps(secret).strip('"').replace("/", "\\/").encode(),
        "its beginning": plain[:20],
        "in wide letters": secret.encode("utf-16-le"),
    }
    for offset in range(3):
        # Letters at both ends depend on what stands beside the secret.
        start = (offset * 8 + 5) // 6
        letters = base64.b64encode(bytes(offset) + plain)[start : (offset + len(plain)) * 8 // 6]
        written[f"in base64 at {offset}"] = letters
        written[f"in base64 of addresses at {offset}"] = letters.translate(_URL_SAFE)
        written[f"in base64 as in an address at {offset}"] = quote(letters, safe="").encode()
    return tuple(written.items())


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _contents(path: Path) -> Iterator[bytes]:
    """The file as it lies, and unpacked."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
            unpacked = reader.read()
        yield unpacked
        yield _gunzipped(unpacked)
    yield _gunzipped(raw)
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        yield repr(file.schema_arrow.metadata).encode()
        yield "\n".join(map(str, _values(file))).encode("utf-8", "surrogateescape")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())


def _gunzipped(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else b""


def _values(file: pq.ParquetFile) -> Iterator[object]:
    for batch in file.iter_batches():
        for column in batch.columns:
            yield from column.to_pylist()
