"""IFC GlobalIds: those that are given, and those that a Revit UniqueId stands for.

A UniqueId is a GUID of 36 characters, a dash and the element id in 8 hexadecimal digits. Revit's
exporter XORs the last 8 digits of the GUID with the element id, and writes it as IFC writes GUIDs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_GLOBAL_ID = r"^[0-3][0-9A-Za-z_$]{21}$"
_HEX = "[0-9A-Fa-f]"
_GUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_UNIQUE_ID = rf"^{_GUID}-{_HEX}{{8}}$"
_DIGITS, _ALL_DIGITS = 32, 40

Bytes = npt.NDArray[np.uint8]


def given(texts: pa.Array) -> pa.Array:
    """The GlobalIds that texts state: as IFC writes them, or as GUIDs of 36 characters; else null.

    A GUID may stand in braces. Navisworks writes those of Revit in the long form.
    """
    bare = pc.replace_substring_regex(texts, r"^\s*\{?(.*?)\}?\s*$", r"\1")
    return pc.coalesce(written(bare), _packed(bare, _matches(bare, rf"^{_GUID}$"), _DIGITS))


def written(texts: pa.Array) -> pa.Array:
    """The texts that are GlobalIds as IFC writes them; else null."""
    return pc.if_else(_matches(texts, _GLOBAL_ID), texts, None)


def derived(external_ids: pa.Array) -> pa.Array:
    """The GlobalIds of Revit UniqueIds; null where there is none to derive.

    Ids of documents and prototypes, bare GUIDs and longer element ids have none.
    """
    return _packed(external_ids, _matches(external_ids, _UNIQUE_ID), _ALL_DIGITS)


def _matches(texts: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _packed(texts: pa.Array, where: npt.NDArray[np.bool_], digits: int) -> pa.Array:
    found = pa.nulls(len(texts), pa.string())
    if not where.any():
        return found
    hexadecimal = pc.replace_substring(texts.filter(pa.array(where)), "-", "")
    values = _bytes(hexadecimal, digits)
    guid = values[:, :16].copy()
    if digits == _ALL_DIGITS:
        guid[:, 12:] ^= values[:, 16:]
    return pc.replace_with_mask(found, pa.array(where), pa.array(_compressed(guid), pa.string()))


def _bytes(hexadecimal: pa.Array, digits: int) -> Bytes:
    """Bytes of texts of so many hexadecimal digits, one row each."""
    joined = "".join(hexadecimal.to_pylist())
    return np.frombuffer(bytes.fromhex(joined), dtype=np.uint8).reshape(-1, digits // 2)


def _compressed(guids: Bytes) -> list[str]:
    """22 characters of 6 bits each; the first one has but 2."""
    bits = np.unpackbits(guids, axis=1)
    padded = np.pad(bits, ((0, 0), (4, 0))).reshape(len(guids), 22, 6)
    places = padded @ np.array([32, 16, 8, 4, 2, 1], dtype=np.uint8)
    letters = np.frombuffer(_ALPHABET.encode(), dtype="S1")[places]
    return [text.decode() for text in np.ascontiguousarray(letters).view("S22").ravel()]
