"""GlobalIds of IFC in the 36-character form that FederationGuid has, a column at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_NONE = 255
_DIGITS = np.full(256, _NONE, dtype=np.uint8)
_DIGITS[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(64, dtype=np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_PLACES = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])


def federation_guids(ifc_guids: pa.Array) -> pa.Array:
    """The same 128 bits as UUIDs; null where a GlobalId is none: not 22 of its 64 characters."""
    size = len(ifc_guids)
    texts = pc.fill_null(ifc_guids, "")
    is_fit = pc.and_(pc.equal(pc.binary_length(texts), 22), pc.is_valid(ifc_guids))
    padded = pc.if_else(is_fit, texts, "!" * 22)
    joined = "".join(padded.to_pylist()).encode()
    digits = _DIGITS[np.frombuffer(joined, dtype=np.uint8)].reshape(size, 22)
    # 22 digits of 6 bits are 132: the first one has 2.
    is_good = (digits != _NONE).all(axis=1) & (digits[:, 0] < 4)
    uuids = _dashed(_octets(digits))
    return pc.if_else(pa.array(is_good), pa.array(uuids, pa.string()), None)


def _octets(digits: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """16 bytes of each 22 digits: one of the first two, then three of each four."""
    wide = digits.astype(np.uint32)
    octets = np.empty((len(digits), 16), dtype=np.uint8)
    octets[:, 0] = (wide[:, 0] * 64 + wide[:, 1]) & 255
    fours = wide[:, 2:].reshape(len(digits), 5, 4)
    threes = ((fours[..., 0] * 64 + fours[..., 1]) * 64 + fours[..., 2]) * 64 + fours[..., 3]
    for place, shift in enumerate((16, 8, 0)):
        octets[:, 1 + place :: 3] = (threes >> shift) & 255
    return octets


def _dashed(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.str_]:
    digits = np.empty((len(octets), 32), dtype=np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[octets >> 4], _HEX[octets & 15]
    texts = np.full((len(octets), 36), ord("-"), dtype=np.uint8)
    texts[:, _PLACES] = digits
    return np.frombuffer(texts.tobytes(), dtype="S36").astype("U36")
