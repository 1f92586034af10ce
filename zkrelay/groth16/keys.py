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

from ..algebra.domain import MAX_LOG_SIZE
from ..algebra.points import check_g1, check_g2, g1_generator, g2_generator, negate_g1, negate_g2
from ..curves import CURVES, PairingCurve, PrimeField
from ..errors import InvalidKey, MalformedInput, NonCanonicalNumber
from ..kernel import Buffer, Groth16Key, Kernel, PreparedProver, current

COEFFICIENT_RECORD = [("matrix", "<u4"), ("row", "<u4"), ("column", "<u4"), ("value", "V32")]  # numpy's way to say it
COEFFICIENT_RECORD_BYTES = 4 + 4 + 4 + 32
assert all(curve.fr.num_bytes == 32 for curve in CURVES.values()), "one record serves all scalar fields"


@dataclass(frozen=True)
class Proof:
    """π = (A ∈ G1, B ∈ G2, C ∈ G1) over the named curve; raises ``MalformedInput`` for other lengths or curves."""

    a: bytes
    b: bytes
    c: bytes
    curve: str = "bn254"

    def __post_init__(self) -> None:
        curve = curve_named(self.curve)
        g1, g2 = curve.g1_bytes, curve.g2_bytes
        if (len(self.a), len(self.b), len(self.c)) != (g1, g2, g1):
            raise MalformedInput(
                f"a proof is a G1 point, a G2 point and a G1 point: {g1}, {g2} and {g1} bytes over {self.curve}"
            )

    def check(self) -> None:
        """Membership of the three points; the errors name the one that fails.

        Raises:
            NonCanonicalNumber: a coordinate is not below p.
            InvalidPoint: infinity, off the curve, or outside the subgroup of order r.
        """
        check_g1(self.curve, "proof.a", self.a)
        check_g2(self.curve, "proof.b", self.b)
        check_g1(self.curve, "proof.c", self.c)


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

    def __post_init__(self) -> None:
        curve_named(self.curve)

    @property
    def fr(self) -> PrimeField:
        """The scalar field of the curve: that of public inputs and assignments."""
        return CURVES[self.curve].fr

    @property
    def num_public(self) -> int:
        return len(self.gamma_abc_g1) // CURVES[self.curve].g1_bytes - 1

    @cached_property
    def prepared(self) -> PreparedVerifyingKey:
        """This key, checked; computed once per object, so that ``verify`` never runs on an unchecked key."""
        return PreparedVerifyingKey(self)

    def check(self) -> None:
        """Refuse a key that cannot be sound.  Every loader that proves or verifies calls this.

        Two points of β, γ, δ that are equal up to sign let anybody forge: with γ = ±δ, C cancels the statement; with
        β = ±δ, A = Σ x_i·IC_i, B = γ, C = -α passes; with β = ±γ, A = α ± Σ x_i·IC_i, B = γ + δ, C = A does.  The tests
        make these forgeries.

        Raises:
            NonCanonicalNumber, InvalidPoint: a point is malformed, off its curve or outside its subgroup.
            InvalidKey: a length is wrong, a point is infinity, two of beta, gamma, delta are equal up to sign, delta is
                the G2 generator (phase 2 had no contribution: two deployments lost their funds this way in 2026), or a
                public input is unbound or bound only together with another.
        """
        self._check_lengths()
        check_g1(self.curve, "alpha_g1", self.alpha_g1)
        check_g1(self.curve, "gamma_abc_g1", self.gamma_abc_g1)
        for name in ("beta_g2", "gamma_g2", "delta_g2"):
            check_g2(self.curve, name, getattr(self, name))
        for one, other in (("gamma", "delta"), ("beta", "delta"), ("beta", "gamma")):
            left, right = getattr(self, f"{one}_g2"), getattr(self, f"{other}_g2")
            if left in (right, negate_g2(right, self.curve)):
                hint = ", as before the first contribution of a ceremony" if one == "gamma" else ""
                raise InvalidKey(f"{one} equals {other} up to sign: proofs for any statement can be forged{hint}")
        generator = g2_generator(self.curve)
        if self.delta_g2 in (generator, negate_g2(generator, self.curve)):
            raise InvalidKey(
                "delta is the G2 generator: phase 2 of the setup had no contribution, proofs can be forged"
            )
        self._check_independent_inputs()

    def _check_lengths(self) -> None:
        """Lengths, and no point at infinity."""
        g1, g2 = CURVES[self.curve].g1_bytes, CURVES[self.curve].g2_bytes
        if len(self.gamma_abc_g1) % g1 or len(self.gamma_abc_g1) < g1:
            raise InvalidKey("gamma_abc_g1 must hold one G1 point per public input and one more")
        for name, size in (("alpha_g1", g1), ("beta_g2", g2), ("gamma_g2", g2), ("delta_g2", g2)):
            point = getattr(self, name)
            if len(point) != size:
                raise InvalidKey(f"{name} must have {size} bytes over {self.curve}, not {len(point)}")
            if not any(point):
                raise InvalidKey(f"{name} is the point at infinity")
        for index in range(self.num_public + 1):
            if not any(self.gamma_abc_g1[index * g1 : (index + 1) * g1]):
                what = "the constant" if index == 0 else f"public input {index - 1}"
                raise InvalidKey(f"the IC point of {what} is infinity: no constraint binds it")

    def _check_independent_inputs(self) -> None:
        """With IC_i = ±IC_j only x_i ± x_j would be bound; equal up to sign is an equal x coordinate."""
        seen: dict[bytes, int] = {}
        size = CURVES[self.curve].g1_bytes
        for index in range(self.num_public):
            x = bytes(self.gamma_abc_g1[(index + 1) * size :][: size // 2])
            if x in seen:
                raise InvalidKey(f"public inputs {seen[x]} and {index} have the same IC point: they can be exchanged")
            seen[x] = index


@dataclass(frozen=True)
class PreparedVerifyingKey:
    """A verifying key that passed ``check``: the type is the proof.  Raises as ``VerifyingKey.check``.

    Keeps what the kernel computes ahead (lines of the G2 points, e(α, β), multiples of the IC points).
    """

    verifying_key: VerifyingKey
    _by_kernel: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.verifying_key.check()

    def __getstate__(self) -> dict[str, object]:
        """Without the kernel's part, whose layout is that of one build."""
        return {"verifying_key": self.verifying_key, "_by_kernel": {}}

    def for_kernel(self, kernel: Kernel) -> bytes:
        """The key as ``kernel.groth16_verify`` takes it; computed once for each kernel."""
        prepared = self._by_kernel.get(kernel.name)
        if prepared is None:
            key = self.verifying_key
            prepared = kernel.groth16_prepare(
                key.curve, key.alpha_g1, key.beta_g2, key.gamma_g2, key.delta_g2, key.gamma_abc_g1
            )
            self._by_kernel[kernel.name] = prepared
        return prepared


@dataclass(frozen=True)
class ProvingKey:
    """The prover's queries as views over buffers (a memory-mapped ``.zkey`` costs nothing to open).

    ``coefficients`` are 44-byte records (matrix, row, column, value·R² mod r) of A and B; the identity rows that bind
    each public input are among them.  ``owner`` keeps whatever backs the views alive.
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
    _by_kernel: dict[str, PreparedProver] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __repr__(self) -> str:
        """What it is for: its bytes are megabytes."""
        kind = ", development" if self.verifying_key.development else ""
        return f"ProvingKey({self.curve}, {self.num_variables} variables, {self.num_public} public{kind})"

    def __getstate__(self) -> dict[str, object]:
        """Without what kernels have prepared, which lives in this process."""
        return {**self.__dict__, "_by_kernel": {}}

    def for_kernel(self, kernel: Kernel) -> PreparedProver:
        """The key as ``kernel`` proves with it; prepared once for each kernel, and kept with this object."""
        prepared = self._by_kernel.get(kernel.name)
        if prepared is None:
            prepared = kernel.prover(self.curve, self.kernel_key)
            self._by_kernel[kernel.name] = prepared
        return prepared

    @property
    def curve(self) -> str:
        return self.verifying_key.curve

    @property
    def fr(self) -> PrimeField:
        """The scalar field of the curve: that of assignments."""
        return self.verifying_key.fr

    @property
    def num_public(self) -> int:
        return self.verifying_key.num_public

    @property
    def num_coefficients(self) -> int:
        return len(self.coefficients) // COEFFICIENT_RECORD_BYTES

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
        if not 0 <= self.log_domain <= MAX_LOG_SIZE:
            raise InvalidKey(f"a domain of 2^{self.log_domain} points is outside the limits (2^0 to 2^{MAX_LOG_SIZE})")
        n, public, domain = self.num_variables, self.num_public, 1 << self.log_domain
        if n < public + 1:
            raise InvalidKey(f"{n} variables cannot hold {public} public inputs and the constant")
        g1, g2 = CURVES[self.curve].g1_bytes, CURVES[self.curve].g2_bytes
        expected = {
            "beta_g1": g1,
            "delta_g1": g1,
            "a_query": n * g1,
            "b_g1_query": n * g1,
            "b_g2_query": n * g2,
            "l_query": (n - public - 1) * g1,
            "h_query": domain * g1,
        }
        for name, size in expected.items():
            if len(getattr(self, name)) != size:
                raise InvalidKey(f"{name} has {len(getattr(self, name))} bytes, the key's header asks for {size}")
        if len(self.coefficients) % COEFFICIENT_RECORD_BYTES:
            raise InvalidKey("the coefficient section is not a whole number of records")

    def check(self, *, threads: int = 1) -> None:
        """Everything about a key from outside that can be checked without the circuit; a loader calls this once.

        Shapes; the verifying key; every coefficient record; curve and subgroup membership of every point (wires that a
        matrix does not mention have the point at infinity); and that the G1 and G2 forms of beta and delta agree.

        Raises:
            InvalidKey: a shape, a record or a relation is wrong.
            NonCanonicalNumber, InvalidPoint: a coefficient or a point is malformed; the message names the query.
        """
        self.check_shape()
        self.verifying_key.check()
        self._check_coefficients()
        curve = self.curve
        for name in ("beta_g1", "delta_g1"):
            check_g1(curve, name, getattr(self, name), threads=threads)
        for name in ("a_query", "b_g1_query", "l_query", "h_query"):
            check_g1(curve, name, getattr(self, name), allow_infinity=True, threads=threads)
        check_g2(curve, "b_g2_query", self.b_g2_query, allow_infinity=True, threads=threads)
        for name in ("beta", "delta"):
            check_same_multiple(curve, name, getattr(self, f"{name}_g1"), getattr(self.verifying_key, f"{name}_g2"))

    def _check_coefficients(self) -> None:
        import numpy as np

        records = np.frombuffer(self.coefficients, dtype=COEFFICIENT_RECORD)
        for name, limit in (("matrix", 2), ("row", 1 << self.log_domain), ("column", self.num_variables)):
            wrong = np.flatnonzero(records[name] >= limit)
            if wrong.size:
                raise InvalidKey(
                    f"coefficient record {wrong[0]}: {name} {records[name][wrong[0]]} is not below {limit}"
                )
        try:
            current().from_montgomery(self.fr.name, records["value"].tobytes())
        except NonCanonicalNumber as error:
            raise NonCanonicalNumber(f"coefficients: {error}") from None


def check_same_multiple(curve: str, name: str, g1: Buffer, g2: Buffer) -> None:
    """e(g1, G) = e(G, g2) for the generators G; raises ``InvalidKey``.  Both points must be in their groups."""
    if not current().pairing_check(curve, negate_g1(g1, curve) + g1_generator(curve), g2_generator(curve) + bytes(g2)):
        raise InvalidKey(f"{name}_g1 and {name}_g2 are not the same multiple of their generators")


def curve_named(name: str) -> PairingCurve:
    """The curve; raises ``MalformedInput`` for a name that is none."""
    if name not in CURVES:
        raise MalformedInput(f"unknown curve {name!r}; keys and proofs exist over {', '.join(CURVES)}")
    return CURVES[name]
