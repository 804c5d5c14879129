"""From FederationGuids to the 22 characters that IFC writes for the same 128 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_ALPHABET = np.frombuffer(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$", dtype=np.uint8
)
_UUID = r"^\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?$"
_GLOBAL_ID = r"^[0-3][0-9A-Za-z_$]{21}$"
_NOTHING = "0" * 32
_DIGITS = 21
_PLACES = np.array([32, 16, 8, 4, 2, 1], dtype=np.uint8)


def compressed(guids: pa.Array) -> pa.Array:
    """The GlobalId of each FederationGuid, with or without dashes and braces, in any case.

    Null where it is null, no GUID, or the one of zeros only, which stands for none.
    """
    fits = pc.fill_null(pc.match_substring_regex(guids, _UUID), False)
    digits = pc.replace_substring_regex(guids.filter(fits), "[-{}]", "")
    digits = pc.utf8_lower(digits)
    is_one = pc.not_equal(digits, _NOTHING)
    found = pc.if_else(is_one, _compressed(digits), None)
    return pc.replace_with_mask(pa.nulls(len(guids), pa.string()), fits, found)


def global_ids(texts: pa.Array) -> pa.Array:
    """Those texts that are GlobalIds by the rules of IFC; null for the others."""
    fits = pc.fill_null(pc.match_substring_regex(texts, _GLOBAL_ID), False)
    return pc.if_else(fits, texts, None)


def _compressed(digits: pa.Array) -> pa.Array:
    """128 bits as two of them and 21 times six, each six a character."""
    if not len(digits):
        return pa.array([], pa.string())
    joined = "".join(digits.to_pylist())
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(joined), dtype=np.uint8)).reshape(-1, 128)
    first = bits[:, 0] * 2 + bits[:, 1]
    rest: npt.NDArray[np.uint8] = bits[:, 2:].reshape(-1, _DIGITS, 6) @ _PLACES
    characters = _ALPHABET[np.column_stack([first, rest])]
    texts = np.ascontiguousarray(characters).view("S22").ravel()
    return pa.array(texts.astype(str), pa.string())
