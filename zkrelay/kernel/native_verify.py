"""The Groth16 verifier of the C kernels: the part of ``NativeKernel`` that prepares keys and decides about proofs."""

from __future__ import annotations

from typing import Any

from .._native import ffi
from ..errors import MalformedInput
from .interface import Buffer, Verdict
from .native_border import (
    SCALAR_BYTES,
    VERDICTS,
    WEIGHT_BYTES,
    check,
    checked_threads,
    count_of,
    curve_id,
    curve_named,
    expect_size,
    output,
    view,
)


class NativeVerifier:
    """``_lib`` is the library with the kernel selected."""

    @property
    def _lib(self) -> Any:
        raise NotImplementedError

    def groth16_prepare(
        self, curve: str, alpha_g1: Buffer, beta_g2: Buffer, gamma_g2: Buffer, delta_g2: Buffer, gamma_abc_g1: Buffer
    ) -> bytes:
        shape = curve_named(curve)
        expect_size(alpha_g1, shape.g1_bytes, "alpha_g1")
        g2 = {"beta_g2": beta_g2, "gamma_g2": gamma_g2, "delta_g2": delta_g2}
        for name, point in g2.items():
            expect_size(point, shape.g2_bytes, name)
        num_public = count_of(gamma_abc_g1, shape.g1_bytes, "gamma_abc_g1") - 1
        out, c_out = output(self._prepared_bytes(curve, num_public))
        points = [view(alpha_g1), *map(view, g2.values()), view(gamma_abc_g1)]
        check(self._lib.zkr_groth16_prepare_vartime(curve_id(curve), c_out, *points, num_public))
        return bytes(out)

    def _prepared_bytes(self, curve: str, num_public: int) -> int:
        if not 0 <= num_public < 1 << 32:
            raise MalformedInput(f"{num_public} public inputs")
        num_bytes = ffi.new("size_t *")
        check(self._lib.zkr_groth16_prepared_bytes(curve_id(curve), num_bytes, num_public))
        return int(num_bytes[0])

    def groth16_verify(
        self,
        curve: str,
        prepared: Buffer,
        num_public: int,
        public_inputs: Buffer,
        proofs: Buffer,
        weights: Buffer,
        *,
        threads: int = 1,
    ) -> list[Verdict]:
        expect_size(prepared, self._prepared_bytes(curve, num_public), "prepared key")
        n = count_of(proofs, curve_named(curve).proof_bytes, "proofs")
        expect_size(public_inputs, n * num_public * SCALAR_BYTES, "public inputs")
        expect_size(weights, n * WEIGHT_BYTES, "weights")
        verdicts = ffi.new("int32_t[]", n)
        status = self._lib.zkr_groth16_verify_vartime(
            curve_id(curve),
            verdicts,
            view(prepared),
            num_public,
            view(public_inputs),
            view(proofs),
            view(weights),
            n,
            checked_threads(threads),
        )
        check(status)
        return [VERDICTS.get(code, Verdict.MALFORMED) for code in verdicts]
