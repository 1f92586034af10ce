"""Weights of random linear combinations."""

from __future__ import annotations

import secrets

import numpy as np

WEIGHT_BYTES = 16
_SCALAR_BYTES = 32


def random_weights(count: int) -> bytes:
    """Uniform scalars of 128 bits from the operating system, which whoever made a file could not know."""
    out = np.zeros((count, _SCALAR_BYTES), dtype=np.uint8)
    out[:, :WEIGHT_BYTES] = np.frombuffer(secrets.token_bytes(count * WEIGHT_BYTES), dtype=np.uint8).reshape(count, -1)
    return out.tobytes()
