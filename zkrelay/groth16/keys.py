"""Keys and proofs of [Gro16], in the kernel's point form (affine, Montgomery; see ``zkrelay.h``).

| here            | paper           | iden3 .zkey section |
|-----------------|-----------------|---------------------|
| gamma_abc_g1    | [(βu+αv+w)/γ]₁  | 3 (IC)              |
| coefficients    | A and B rows    | 4                   |
| a_query         | [u_i(τ)]₁       | 5                   |
| b_g1/b_g2_query | [v_i(τ)]₁,₂     | 6, 7                |
| l_query         | [(βu+αv+w)/δ]₁  | 8 (C)               |
| h_query         | quotient basis  | 9 (H)               |
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..algebra.encoding import G1_BYTES, G2_BYTES, pack_g2
from ..curves import bn254
from ..errors import InvalidKey
from ..kernel import Buffer, Groth16Key, current

COEFFICIENT_RECORD_BYTES = 44


@dataclass(frozen=True)
class Proof:
    """π = (A ∈ G1, B ∈ G2, C ∈ G1)."""

    a: bytes
    b: bytes
    c: bytes
    curve: str = "bn254"

    def __post_init__(self) -> None:
        if (len(self.a), len(self.b), len(self.c)) != (G1_BYTES, G2_BYTES, G1_BYTES):
            raise InvalidKey("a proof is a G1 point, a G2 point and a G1 point")


@dataclass(frozen=True)
class VerifyingKey:
    """[α]₁, [β]₂, [γ]₂, [δ]₂ and ``gamma_abc_g1`` (num_public + 1 points).

    ``development`` is True when the key comes from a single-party setup whose toxic waste one process has known.
    """

    alpha_g1: bytes
    beta_g2: bytes
    gamma_g2: bytes
    delta_g2: bytes
    gamma_abc_g1: bytes
    development: bool = False
    curve: str = "bn254"

    @property
    def num_public(self) -> int:
        return len(self.gamma_abc_g1) // G1_BYTES - 1

    def check(self) -> None:
        """Refuse a key that cannot be sound.  Every loader that proves or verifies calls this.

        Raises:
            InvalidPoint: a point is off its curve or outside its subgroup.
            InvalidKey: a point is infinity, gamma = delta, delta is the G2 generator (phase 2 had no contribution:
                two deployments lost their funds this way in 2026), or a public input has a zero IC point.
        """
        if len(self.gamma_abc_g1) % G1_BYTES or len(self.gamma_abc_g1) < G1_BYTES:
            raise InvalidKey("gamma_abc_g1 must hold one G1 point per public input and one more")
        for name, size in (
            ("alpha_g1", G1_BYTES),
            ("beta_g2", G2_BYTES),
            ("gamma_g2", G2_BYTES),
            ("delta_g2", G2_BYTES),
        ):
            point = getattr(self, name)
            if len(point) != size:
                raise InvalidKey(f"{name} must have {size} bytes")
            if not any(point):
                raise InvalidKey(f"{name} is the point at infinity")
        kernel = current()
        for index in range(self.num_public + 1):
            if not any(self.gamma_abc_g1[index * G1_BYTES : (index + 1) * G1_BYTES]):
                what = "the constant" if index == 0 else f"public input {index}"
                raise InvalidKey(f"the IC point of {what} is infinity: no constraint binds it")
        kernel.g1_check(self.curve, self.alpha_g1 + self.gamma_abc_g1)
        kernel.g2_check(self.curve, self.beta_g2 + self.gamma_g2 + self.delta_g2)
        if self.gamma_g2 == self.delta_g2:
            raise InvalidKey("gamma equals delta: proofs for any statement can be forged")
        if self.delta_g2 == pack_g2([bn254.G2_GENERATOR]):
            raise InvalidKey(
                "delta is the G2 generator: phase 2 of the setup had no contribution, proofs can be forged"
            )


@dataclass(frozen=True)
class ProvingKey:
    """The prover's queries as views over buffers (a memory-mapped ``.zkey`` costs nothing to open).

    ``coefficients`` are 44-byte records (matrix, row, column, value·R² mod r) of A and B; the identity rows that bind each
    public input are among them.  ``owner`` keeps whatever backs the views alive.
    """

    verifying_key: VerifyingKey
    num_variables: int
    log_domain: int
    coefficients: Buffer
    beta_g1: Buffer
    delta_g1: Buffer
    a_query: Buffer
    b_g1_query: Buffer
    b_g2_query: Buffer
    l_query: Buffer
    h_query: Buffer
    owner: object = field(default=None, repr=False, compare=False)

    @property
    def num_public(self) -> int:
        return self.verifying_key.num_public

    @property
    def num_coefficients(self) -> int:
        return len(self.coefficients) // COEFFICIENT_RECORD_BYTES

    @property
    def num_constraints(self) -> int | None:
        """Rows of the circuit: not stored in a key, so None (formats may know better)."""
        return None

    @cached_property
    def kernel_key(self) -> Groth16Key:
        vk = self.verifying_key
        return Groth16Key(
            num_variables=self.num_variables,
            num_public=self.num_public,
            log_domain=self.log_domain,
            coefficients=self.coefficients,
            alpha_g1=vk.alpha_g1,
            beta_g1=self.beta_g1,
            beta_g2=vk.beta_g2,
            delta_g1=self.delta_g1,
            delta_g2=vk.delta_g2,
            a_query=self.a_query,
            b_g1_query=self.b_g1_query,
            b_g2_query=self.b_g2_query,
            l_query=self.l_query,
            h_query=self.h_query,
        )

    def check_shape(self) -> None:
        """Lengths of all queries against each other; raises ``InvalidKey`` naming the one that is wrong."""
        n, public, domain = self.num_variables, self.num_public, 1 << self.log_domain
        if n < public + 1:
            raise InvalidKey(f"{n} variables cannot hold {public} public inputs and the constant")
        expected = {
            "beta_g1": G1_BYTES,
            "delta_g1": G1_BYTES,
            "a_query": n * G1_BYTES,
            "b_g1_query": n * G1_BYTES,
            "b_g2_query": n * G2_BYTES,
            "l_query": (n - public - 1) * G1_BYTES,
            "h_query": domain * G1_BYTES,
        }
        for name, size in expected.items():
            if len(getattr(self, name)) != size:
                raise InvalidKey(f"{name} has {len(getattr(self, name))} bytes, the key's header asks for {size}")
        if len(self.coefficients) % COEFFICIENT_RECORD_BYTES:
            raise InvalidKey("the coefficient section is not a whole number of records")
