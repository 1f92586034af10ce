"""Wraps field_products.c, compiled for the kernel in use."""

from __future__ import annotations

import ctypes

from .compiled import library


class FieldProducts:
    """Products of Fp inside ``kernel``.

    Raises:
        RuntimeError: no C compiler, an unknown kernel, or it does not compile.
    """

    def __init__(self, kernel: str) -> None:
        compiled = library(kernel, "field_products")
        self._products = compiled.zkr_bench_products
        self._chain = compiled.zkr_bench_chain
        for function in (self._products, self._chain):
            function.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
            function.restype = None
        self.width: int = compiled.zkr_bench_width()

    def products(self, states: bytes, factor: bytes, steps: int) -> bytes:
        """Each of ``width`` states times factor^steps, Montgomery."""
        assert len(states) == 32 * self.width
        out = ctypes.create_string_buffer(states, len(states))
        self._products(out, factor, steps)
        return out.raw

    def chain(self, state: bytes, factor: bytes, steps: int) -> bytes:
        """One state times factor^steps, each product waiting for the one before."""
        out = ctypes.create_string_buffer(state, len(state))
        self._chain(out, factor, steps)
        return out.raw
