"""The reference kernel: every operation of ``Kernel`` in Python integers, as close to the papers as it can be.

Slow by design.  It is what the C kernels are held equal to, and what circuits over tiny primes (``prime_<p>``) run on.
Nothing here is constant time.  This file is the border: it takes buffers apart, calls the mathematics in
``reference_*.py``, and packs the results.
"""

from __future__ import annotations

from ..curves import PrimeField
from ..errors import MalformedInput
from . import (
    reference_blake2b,
    reference_eddsa,
    reference_groth16,
    reference_hashing,
    reference_multiples,
    reference_pairing,
    reference_program,
    reference_vectors,
    reference_verify,
)
from .interface import U32, Buffer, EddsaParameters, Groth16Key, Groth16Tables, Matrix, Verdict
from .reference_buffers import (
    check_threads,
    field_named,
    pack,
    pack_montgomery,
    split,
    to_bytes,
    unpack,
    unpack_montgomery,
)
from .reference_groups import E, Group, groups
from .reference_prepared import ReferenceProgram, ReferenceProver, ReferenceSystem

_SCALAR_BYTES = 32


class ReferenceKernel:
    """Implements ``zkrelay.kernel.interface.Kernel``; shapes, forms and errors are documented there."""

    @property
    def name(self) -> str:
        return "reference"

    # --- vectors over a field

    def to_montgomery(self, field: str, values: Buffer) -> bytes:
        f = field_named(field)
        return pack_montgomery(f, unpack(f, values))

    def from_montgomery(self, field: str, values: Buffer) -> bytes:
        f = field_named(field)
        return pack(f, unpack_montgomery(f, values))

    def vec_add(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return pack(field_named(field), [x + y for x, y in _pairs(field, a, b)])

    def vec_sub(self, field: str, a: Buffer, b: Buffer) -> bytes:
        return pack(field_named(field), [x - y for x, y in _pairs(field, a, b)])

    def vec_mul(self, field: str, a: Buffer, b: Buffer) -> bytes:
        # aR · bR · R^-1 = abR ([Mon85]).
        f = field_named(field)
        r_inverse = pow(f.montgomery_r, -1, f.modulus)
        return pack(f, [x * y * r_inverse for x, y in _pairs(field, a, b)])

    def vec_scale(self, field: str, a: Buffer, scalar: Buffer) -> bytes:
        f = field_named(field)
        (factor,) = unpack_montgomery(f, scalar, "scalar", 1)
        return pack(f, [x * factor for x in unpack(f, a)])

    def vec_inverse(self, field: str, a: Buffer) -> bytes:
        f = field_named(field)
        values = unpack_montgomery(f, a)
        if 0 in values:
            raise MalformedInput(f"vector: element {values.index(0)} is zero and has no inverse")
        return pack_montgomery(f, [pow(value, -1, f.modulus) for value in values])

    def ntt(
        self, field: str, values: Buffer, *, inverse: bool = False, shift: Buffer | None = None, threads: int = 1
    ) -> bytes:
        f = field_named(field)
        check_threads(threads)
        coset = 1 if shift is None else unpack_montgomery(f, shift, "shift", 1)[0]
        data = unpack_montgomery(f, values)
        return pack_montgomery(f, reference_vectors.ntt(f, data, inverse=inverse, shift=coset))

    # --- matrices and programs

    def matrix_apply(self, field: str, matrix: Matrix, table: Buffer, z: Buffer) -> bytes:
        f = field_named(field)
        coefficients = unpack_montgomery(f, table, "table")
        return pack(f, reference_vectors.apply(matrix, coefficients, unpack(f, z), f.modulus))

    def matrix_apply_transposed(
        self, field: str, matrix: Matrix, table: Buffer, weights: Buffer, num_columns: int
    ) -> bytes:
        f = field_named(field)
        coefficients, values = unpack_montgomery(f, table, "table"), unpack(f, weights, "weights")
        return pack(f, reference_vectors.apply_transposed(matrix, coefficients, values, num_columns, f.modulus))

    def system(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, num_columns: int
    ) -> ReferenceSystem:
        f = field_named(field)
        return ReferenceSystem(f, matrices, unpack_montgomery(f, table, "table"), num_columns)

    def first_unsatisfied(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, z: Buffer
    ) -> int | None:
        num_columns = len(split(z, field_named(field).num_bytes, "z"))
        return self.system(field, matrices, table, num_columns).first_unsatisfied(z)

    def program(
        self, field: str, tape: U32, table: Buffer, num_wires: int, num_inputs: int, num_registers: int
    ) -> ReferenceProgram:
        f = field_named(field)
        words = [int(word) for word in tape]
        coefficients = unpack_montgomery(f, table, "table")
        return ReferenceProgram(f, words, coefficients, num_wires, num_inputs, num_registers)

    def run_program(
        self, field: str, tape: U32, table: Buffer, inputs: Buffer, num_wires: int, num_registers: int
    ) -> bytes:
        f = field_named(field)
        coefficients, values = unpack_montgomery(f, table, "table"), unpack(f, inputs, "inputs")
        words = [int(word) for word in tape]
        return pack(f, reference_program.run(f, words, coefficients, values, num_wires, num_registers))

    # --- groups

    def g1_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        check_threads(threads)
        groups(curve).g1.check(points, allow_infinity=allow_infinity)

    def g2_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
        check_threads(threads)
        groups(curve).g2.check(points, allow_infinity=allow_infinity)

    def g1_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return _add(groups(curve).g1, a, b)

    def g2_add(self, curve: str, a: Buffer, b: Buffer) -> bytes:
        return _add(groups(curve).g2, a, b)

    def g1_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _msm(groups(curve).g1, groups(curve).curve.fr, scalars, bases)

    def g2_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _msm(groups(curve).g2, groups(curve).curve.fr, scalars, bases)

    def g1_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _fixed_base(groups(curve).g1, groups(curve).curve.fr, base, scalars)

    def g2_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _fixed_base(groups(curve).g2, groups(curve).curve.fr, base, scalars)

    def g1_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _multiples(groups(curve).g1, groups(curve).curve.fr, points, factor)

    def g2_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _multiples(groups(curve).g2, groups(curve).curve.fr, points, factor)

    def g1_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _products(groups(curve).g1, groups(curve).curve.fr, scalars, points)

    def g2_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes:
        check_threads(threads)
        return _products(groups(curve).g2, groups(curve).curve.fr, scalars, points)

    # --- pairing and Groth16

    def pairing_check(self, curve: str, g1: Buffer, g2: Buffer) -> bool:
        parts, pairing = groups(curve), reference_pairing.pairing_of(curve)
        left = parts.g1.unpack(g1)
        product = reference_pairing.ONE
        for p, q in zip(left, parts.g2.unpack(g2, count=len(left)), strict=True):
            product = pairing.mul(product, pairing.miller_loop(p, q))
        return pairing.final_exponentiation(product) == reference_pairing.ONE

    def pairing(self, curve: str, g1: Buffer, g2: Buffer) -> bytes:
        parts = groups(curve)
        (p,), (q,) = parts.g1.unpack(g1, count=1), parts.g2.unpack(g2, count=1)
        value = reference_pairing.pairing_of(curve).pairing(p, q)
        return pack(parts.curve.fp, reference_pairing.tower_coefficients(value))

    def prover(self, curve: str, key: Groth16Key, tables: Groth16Tables | None = None) -> ReferenceProver:
        return ReferenceProver(groups(curve), key, tables)

    def groth16_prove(
        self, curve: str, key: Groth16Key, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1
    ) -> bytes:
        check_threads(threads)
        return reference_groth16.prove(groups(curve), key, assignment, blind_r, blind_s)

    def groth16_prepare(
        self, curve: str, alpha_g1: Buffer, beta_g2: Buffer, gamma_g2: Buffer, delta_g2: Buffer, gamma_abc_g1: Buffer
    ) -> bytes:
        return reference_verify.prepare(groups(curve), alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1)

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
        check_threads(threads)
        return reference_verify.verify(groups(curve), prepared, num_public, public_inputs, proofs, weights)

    # --- hashing and signing

    def poseidon(
        self,
        field: str,
        inputs: Buffer,
        width: int,
        full_rounds: int,
        partial_rounds: int,
        round_constants: Buffer,
        mds: Buffer,
    ) -> bytes:
        f = field_named(field)
        reference_hashing.check_poseidon_shape(width, full_rounds, partial_rounds)
        values, arity = unpack(f, inputs, "inputs"), width - 1
        if len(values) % arity:
            raise MalformedInput(f"inputs: {len(values)} elements are not a whole number of {arity}-element messages")
        constants = unpack_montgomery(f, round_constants, "round_constants", (full_rounds + partial_rounds) * width)
        matrix = unpack_montgomery(f, mds, "mds", width * width)
        hashes = [
            reference_hashing.poseidon(values[i : i + arity], full_rounds, partial_rounds, constants, matrix, f.modulus)
            for i in range(0, len(values), arity)
        ]
        return pack(f, hashes)

    def blake2b(self, state: Buffer, offset: int, data: Buffer, *, last: bool = False) -> bytes:
        split(state, reference_blake2b.STATE_BYTES, "state", 1)
        reference_blake2b.check_position(offset, len(to_bytes(data)), last=last)
        return reference_blake2b.absorb(to_bytes(state), offset, to_bytes(data), last=last)

    def edwards_mul(self, field: str, scalar: Buffer, point: Buffer, a: Buffer, d: Buffer) -> bytes:
        f = field_named(field)
        curve = _edwards(field, a, d)
        affine = curve.check(unpack(f, point, "point", 2))
        return pack(f, curve.mul(_wide_scalar(scalar), affine))

    def edwards_double_mul_vartime(
        self, field: str, s: Buffer, p: Buffer, k: Buffer, q: Buffer, a: Buffer, d: Buffer
    ) -> bytes:
        f = field_named(field)
        curve = _edwards(field, a, d)
        left, right = curve.check(unpack(f, p, "p", 2)), curve.check(unpack(f, q, "q", 2))
        return pack(f, curve.add(curve.mul(_wide_scalar(s), left), curve.mul(_wide_scalar(k), right)))

    def eddsa(self, field: str, parameters: EddsaParameters) -> reference_eddsa.ReferenceEddsa:
        return reference_eddsa.ReferenceEddsa(field_named(field), parameters)


def _pairs(field: str, a: Buffer, b: Buffer) -> zip[tuple[int, int]]:
    f = field_named(field)
    left = unpack(f, a, "a")
    return zip(left, unpack(f, b, "b", len(left)), strict=True)


def _add(group: Group[E], a: Buffer, b: Buffer) -> bytes:
    left = group.unpack(a, "a")
    return group.pack([group.sum(pair) for pair in zip(left, group.unpack(b, "b", len(left)), strict=True)])


def _msm(group: Group[E], scalar_field: PrimeField, scalars: Buffer, bases: Buffer) -> bytes:
    factors = unpack(scalar_field, scalars, "scalars")
    return group.pack([group.msm(factors, group.unpack(bases, "bases", len(factors)))])


def _fixed_base(group: Group[E], scalar_field: PrimeField, base: Buffer, scalars: Buffer) -> bytes:
    (point,) = group.unpack(base, "base", 1)
    factors = unpack(scalar_field, scalars, "scalars")
    return group.pack([group.to_affine(group.mul(scalar, point)) for scalar in factors])


def _multiples(group: Group[E], scalar_field: PrimeField, points: Buffer, factor: int) -> bytes:
    reference_multiples.check_factor(factor)
    stride = reference_multiples.stride_bits(scalar_field, factor)
    return group.pack(reference_multiples.multiples(group, group.unpack(points), factor, stride))


def _products(group: Group[E], scalar_field: PrimeField, scalars: Buffer, points: Buffer) -> bytes:
    factors = unpack(scalar_field, scalars, "scalars")
    pairs = zip(factors, group.unpack(points, "points", len(factors)), strict=True)
    return group.pack([group.to_affine(group.mul(scalar, point)) for scalar, point in pairs])


def _edwards(field: str, a: Buffer, d: Buffer) -> reference_hashing.Edwards:
    f = field_named(field)
    return reference_hashing.Edwards(f, unpack(f, a, "a", 1)[0], unpack(f, d, "d", 1)[0])


def _wide_scalar(data: Buffer) -> int:
    """A multiplier of 32 bytes, any value."""
    split(data, _SCALAR_BYTES, "scalar", 1)
    return int.from_bytes(to_bytes(data), "little")
