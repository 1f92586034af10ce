"""Signatures of the C kernels: a scheme with its tables, and public keys made ready for many signatures."""

from __future__ import annotations

from typing import Any

from .._native import ffi, lib
from ..curves import FIELDS
from ..errors import MalformedInput
from .interface import Buffer, EddsaParameters, SignatureVerdict
from .native_border import (
    SCALAR_BYTES,
    check,
    checked_threads,
    count_of,
    element_bytes,
    expect_size,
    field_id,
    output,
    view,
)
from .native_prepared import Handle

HASH_WIDTH = 6
DIGEST_BYTES = 64
_POINT_BYTES = SIGNATURE_BYTES = 2 * SCALAR_BYTES
_VERDICTS = {
    lib.ZKR_OK: SignatureVerdict.TRUE,
    lib.ZKR_ERR_EQUATION: SignatureVerdict.FALSE,
    lib.ZKR_ERR_NOT_CANONICAL: SignatureVerdict.NOT_CANONICAL,
    lib.ZKR_ERR_NOT_ON_CURVE: SignatureVerdict.NOT_ON_CURVE,
    lib.ZKR_ERR_SMALL_ORDER: SignatureVerdict.SMALL_ORDER,
}


def _count_items(messages: Buffer, signatures: Buffer) -> int:
    n = count_of(signatures, SIGNATURE_BYTES, "signatures")
    expect_size(messages, n * SCALAR_BYTES, "messages")
    return n


def _read(verdicts: Any) -> list[SignatureVerdict]:
    return [_VERDICTS[code] for code in verdicts]


class NativeEddsa(Handle):
    """See ``interface.PreparedEddsa``."""

    def __init__(self, pointer: Any) -> None:
        super().__init__(pointer, lib.zkr_eddsa_free, "signature scheme")

    def public_key(self, secret: Buffer) -> bytes:
        expect_size(secret, SCALAR_BYTES, "secret")
        out, c_out = output(_POINT_BYTES)
        with self._in_use() as pointer:
            check(lib.zkr_eddsa_public_key(pointer, c_out, view(secret)))
        return bytes(out)

    def sign(self, secret: Buffer, digest: Buffer, message: Buffer) -> bytes:
        expect_size(secret, SCALAR_BYTES, "secret")
        expect_size(digest, DIGEST_BYTES, "digest")
        expect_size(message, SCALAR_BYTES, "message")
        out, c_out = output(_POINT_BYTES + SCALAR_BYTES)
        with self._in_use() as pointer:
            check(lib.zkr_eddsa_sign(pointer, c_out, view(secret), view(digest), view(message)))
        return bytes(out)

    def key(self, public: Buffer) -> NativeEddsaKey:
        expect_size(public, _POINT_BYTES, "public key")
        out = ffi.new("zkr_eddsa_key **")
        with self._in_use() as pointer:
            check(lib.zkr_eddsa_key_new_vartime(pointer, out, view(public)))
        return NativeEddsaKey(out[0], self)

    def verify(
        self, publics: Buffer, messages: Buffer, signatures: Buffer, *, threads: int = 1
    ) -> list[SignatureVerdict]:
        n, checked = _count_items(messages, signatures), checked_threads(threads)
        expect_size(publics, n * _POINT_BYTES, "public keys")
        verdicts = ffi.new("int32_t[]", n)
        with self._in_use() as pointer:
            items = (view(publics), view(messages), view(signatures))
            check(lib.zkr_eddsa_verify_vartime(pointer, verdicts, *items, n, checked))
        return _read(verdicts)

    def unpack(self, packed: Buffer) -> tuple[bytes, list[SignatureVerdict]]:
        n = count_of(packed, SCALAR_BYTES, "packed points")
        out, c_out = output(n * _POINT_BYTES)
        verdicts = ffi.new("int32_t[]", n)
        with self._in_use() as pointer:
            check(lib.zkr_eddsa_unpack_vartime(pointer, c_out, verdicts, view(packed), n))
        return bytes(out), _read(verdicts)


class NativeEddsaKey(Handle):
    """See ``interface.PreparedEddsaKey``.  Keeps its scheme alive."""

    def __init__(self, pointer: Any, scheme: NativeEddsa) -> None:
        super().__init__(pointer, lib.zkr_eddsa_key_free, "public key")
        self._scheme = scheme

    def verify(self, messages: Buffer, signatures: Buffer, *, threads: int = 1) -> list[SignatureVerdict]:
        n, checked = _count_items(messages, signatures), checked_threads(threads)
        verdicts = ffi.new("int32_t[]", n)
        with self._scheme._in_use(), self._in_use() as pointer:
            items = (view(messages), view(signatures))
            check(lib.zkr_eddsa_key_verify_vartime(pointer, verdicts, *items, n, checked))
        return _read(verdicts)


class NativeSigning:
    """The part of ``NativeKernel`` that makes signature schemes; ``_lib`` has the kernel selected."""

    @property
    def _lib(self) -> Any:
        raise NotImplementedError

    def eddsa(self, field: str, parameters: EddsaParameters) -> NativeEddsa:
        size = element_bytes(field)
        if size != SCALAR_BYTES:
            raise MalformedInput(f"no curve of 32-byte scalars is embedded in {FIELDS[field].name}")
        p, c_parameters, keep = parameters, ffi.new("zkr_eddsa_parameters *"), []
        if not 0 <= p.full_rounds < 1 << 31 or not 0 <= p.partial_rounds < 1 << 31:
            raise MalformedInput("the hash needs two full rounds or more, an even number, and a partial one")
        sizes = dict.fromkeys(("a", "d", "order", "s_end", "k_begin", "k_end"), SCALAR_BYTES)
        sizes["base"] = _POINT_BYTES
        sizes["round_constants"] = (p.full_rounds + p.partial_rounds) * HASH_WIDTH * size
        sizes["mds"] = HASH_WIDTH * HASH_WIDTH * size
        for name, expected in sizes.items():
            expect_size(getattr(p, name), expected, name)
            keep.append(view(getattr(p, name)))
            setattr(c_parameters, name, keep[-1])
        c_parameters.full_rounds, c_parameters.partial_rounds = p.full_rounds, p.partial_rounds
        out = ffi.new("zkr_eddsa **")
        check(self._lib.zkr_eddsa_new(field_id(field), out, c_parameters))
        return NativeEddsa(out[0])
