"""Writes greyscale PNG files without an imaging library, so that their bytes depend on nothing else."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import common

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_grey(path: Path, pixels: common.Array) -> None:
    """Writes a [rows, columns] uint8 array, 0 black to 255 white, uncompressed."""
    rows, columns = pixels.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in pixels.astype(np.uint8))
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 0)) + _chunk(b"IEND", b"")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SIGNATURE + body)
