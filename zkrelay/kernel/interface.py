"""What a kernel does: vectors in, vectors out, sizes checked once here at the border.

Every buffer is anything with the buffer protocol.  Layouts, forms (canonical or Montgomery) and meanings are those of
``native/include/zkrelay.h``.  Two implementations: ``native`` (C, fast) and ``reference`` (Python integers, as close to
the papers as it can be).  Tests hold them equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # to import numpy takes longer than most commands do, and it is needed for matrices alone
    import numpy as np
    import numpy.typing as npt

    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]
else:
    U32 = U64 = object

Buffer = bytes | bytearray | memoryview
MAX_FACTOR = 32  # ZKR_MAX_FACTOR of native/include/zkrelay.h


@dataclass(frozen=True)
class Matrix:
    """CSR matrix over a table of distinct coefficients (the table is passed beside it, Montgomery form)."""

    offsets: U64
    columns: U32
    coefficient_ids: U32

    @property
    def num_rows(self) -> int:
        return len(self.offsets) - 1

    @property
    def nnz(self) -> int:
        return len(self.columns)


@dataclass(frozen=True)
class Groth16Key:
    """Views over the sections of a ``.zkey``; see ``zkr_groth16_key`` in the header for shapes."""

    num_variables: int
    num_public: int
    log_domain: int
    coefficients: Buffer
    alpha_g1: Buffer
    beta_g1: Buffer
    beta_g2: Buffer
    delta_g1: Buffer
    delta_g2: Buffer
    a_query: Buffer
    b_g1_query: Buffer
    b_g2_query: Buffer
    l_query: Buffer
    h_query: Buffer


@dataclass(frozen=True)
class Groth16Tables:
    """Multiples of the finite points of a key's queries, as ``g1_multiples`` and ``g2_multiples`` give them."""

    factor: int
    a_multiples: Buffer
    b_g1_multiples: Buffer
    b_g2_multiples: Buffer
    l_multiples: Buffer
    h_multiples: Buffer


class Verdict(IntEnum):
    """What ``groth16_verify`` says of an item."""

    TRUE = 0
    FALSE = 1  # well formed, and the equation does not hold
    MALFORMED = 2  # a number is not canonical, or a point infinity, off its curve or outside its subgroup


@dataclass(frozen=True)
class EddsaParameters:
    """A signature scheme: curve, base of order l, bounds and hash; see ``zkr_eddsa_parameters`` in the header."""

    a: Buffer
    d: Buffer
    base: Buffer
    order: Buffer
    s_end: Buffer
    k_begin: Buffer
    k_end: Buffer
    full_rounds: int
    partial_rounds: int
    round_constants: Buffer
    mds: Buffer


class SignatureVerdict(IntEnum):
    """What ``verify`` of ``PreparedEddsa`` and ``PreparedEddsaKey`` says of an item, ``unpack`` of a point."""

    TRUE = 0
    FALSE = 1  # well formed, and the equation does not hold or the challenge is out of its bounds
    NOT_CANONICAL = 2  # the message, y of R8, a coordinate of the key or S is out of range
    NOT_ON_CURVE = 3  # no point has these bytes or coordinates
    SMALL_ORDER = 4  # of the key: 8A is the identity


class PreparedProver(Protocol):
    """A proving key that a kernel has prepared for many proofs.  The buffers of key and tables are read by every proof.

    Of all prepared objects: any number of threads may call at the same time; ``close`` waits for the calls that run,
    and calls that come later raise ``Closed``; without ``close`` the memory goes back with the last reference.
    """

    @property
    def num_bytes(self) -> int:
        """Memory held beside the key."""
        ...

    def prove(self, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1) -> bytes: ...
    def close(self) -> None: ...


class PreparedSystem(Protocol):
    """A constraint system prepared for many checks: the first row that an assignment violates, or None."""

    def first_unsatisfied(self, z: Buffer, *, threads: int = 1) -> int | None: ...
    def close(self) -> None: ...


class PreparedProgram(Protocol):
    """A witness program prepared for many runs.  The assignment is the caller's alone, who may wipe it."""

    def assign(self, inputs: Buffer) -> bytearray: ...
    def close(self) -> None: ...


class PreparedEddsaKey(Protocol):
    """A public key prepared for many signatures; raises ``Closed`` also once its scheme is closed."""

    def verify(self, messages: Buffer, signatures: Buffer, *, threads: int = 1) -> list[SignatureVerdict]: ...
    def close(self) -> None: ...


class PreparedEddsa(Protocol):
    """A signature scheme prepared for many signatures; shapes and meanings as ``zkr_eddsa_...`` in the header.

    ``public_key`` and ``sign`` are constant time in the secret and the digest (not in the reference); they raise
    ``MalformedInput`` for the secret zero and ``NonCanonicalNumber`` for one not below l, ``key`` as the header says.
    """

    def public_key(self, secret: Buffer) -> bytes: ...
    def sign(self, secret: Buffer, digest: Buffer, message: Buffer) -> bytes: ...
    def key(self, public: Buffer) -> PreparedEddsaKey: ...
    def verify(
        self, publics: Buffer, messages: Buffer, signatures: Buffer, *, threads: int = 1
    ) -> list[SignatureVerdict]: ...
    def unpack(self, packed: Buffer) -> tuple[bytes, list[SignatureVerdict]]: ...
    def close(self) -> None: ...


class Kernel(Protocol):
    """The operations.  ``field`` is a name such as "bn254_fr"; ``curve`` is "bn254" or "bls12_381".

    Raises (all methods): ``MalformedInput`` for wrong lengths, ``NonCanonicalNumber`` with the index, ``InvalidPoint``
    with the index and the reason, ``KernelError`` for a malformed program or lack of memory, ``ValueError`` for a
    field that the kernel does not serve: over a base field the C kernels have the vector operations only.
    """

    @property
    def name(self) -> str: ...

    def to_montgomery(self, field: str, values: Buffer) -> bytes: ...
    def from_montgomery(self, field: str, values: Buffer) -> bytes: ...
    def vec_add(self, field: str, a: Buffer, b: Buffer) -> bytes: ...
    def vec_sub(self, field: str, a: Buffer, b: Buffer) -> bytes: ...
    def vec_mul(self, field: str, a: Buffer, b: Buffer) -> bytes: ...
    def vec_scale(self, field: str, a: Buffer, scalar: Buffer) -> bytes: ...
    def vec_inverse(self, field: str, a: Buffer) -> bytes: ...
    def ntt(
        self, field: str, values: Buffer, *, inverse: bool = False, shift: Buffer | None = None, threads: int = 1
    ) -> bytes: ...

    def matrix_apply(self, field: str, matrix: Matrix, table: Buffer, z: Buffer) -> bytes: ...
    def matrix_apply_transposed(
        self, field: str, matrix: Matrix, table: Buffer, weights: Buffer, num_columns: int
    ) -> bytes: ...
    def system(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, num_columns: int
    ) -> PreparedSystem: ...
    def first_unsatisfied(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, z: Buffer
    ) -> int | None: ...
    def program(
        self, field: str, tape: U32, table: Buffer, num_wires: int, num_inputs: int, num_registers: int
    ) -> PreparedProgram: ...
    def run_program(
        self, field: str, tape: U32, table: Buffer, inputs: Buffer, num_wires: int, num_registers: int
    ) -> bytes: ...

    def g1_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None: ...
    def g2_check(self, curve: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None: ...
    def g1_add(self, curve: str, a: Buffer, b: Buffer) -> bytes: ...
    def g2_add(self, curve: str, a: Buffer, b: Buffer) -> bytes: ...
    def g1_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes: ...
    def g2_msm(self, curve: str, scalars: Buffer, bases: Buffer, *, threads: int = 1) -> bytes: ...
    def g1_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes: ...
    def g2_fixed_base(self, curve: str, base: Buffer, scalars: Buffer, *, threads: int = 1) -> bytes: ...
    def g1_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes: ...
    def g2_multiples(self, curve: str, points: Buffer, factor: int, *, threads: int = 1) -> bytes: ...
    def g1_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes: ...
    def g2_products(self, curve: str, scalars: Buffer, points: Buffer, *, threads: int = 1) -> bytes: ...
    def pairing_check(self, curve: str, g1: Buffer, g2: Buffer) -> bool: ...
    def pairing(self, curve: str, g1: Buffer, g2: Buffer) -> bytes: ...
    def prover(self, curve: str, key: Groth16Key, tables: Groth16Tables | None = None) -> PreparedProver: ...
    def groth16_prove(
        self, curve: str, key: Groth16Key, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1
    ) -> bytes: ...
    def groth16_prepare(
        self, curve: str, alpha_g1: Buffer, beta_g2: Buffer, gamma_g2: Buffer, delta_g2: Buffer, gamma_abc_g1: Buffer
    ) -> bytes: ...
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
    ) -> list[Verdict]: ...

    def poseidon(
        self,
        field: str,
        inputs: Buffer,
        width: int,
        full_rounds: int,
        partial_rounds: int,
        round_constants: Buffer,
        mds: Buffer,
    ) -> bytes: ...
    def blake2b(self, state: Buffer, offset: int, data: Buffer, *, last: bool = False) -> bytes: ...
    def edwards_mul(self, field: str, scalar: Buffer, point: Buffer, a: Buffer, d: Buffer) -> bytes: ...
    def edwards_double_mul_vartime(
        self, field: str, s: Buffer, p: Buffer, k: Buffer, q: Buffer, a: Buffer, d: Buffer
    ) -> bytes: ...
    def eddsa(self, field: str, parameters: EddsaParameters) -> PreparedEddsa: ...
