"""A single-party DEVELOPMENT setup ([Gro16] section 3.2): one process knows the toxic waste, so it can forge proofs.

Where money moves, use a ceremony's key; ``VerifyingKey.development`` is True on what is made here, and the settlement
side refuses it unless told otherwise.

The key, with γ = 1 as snarkjs has it:

* a_query = [u_j(τ)]₁, b_g1_query and b_g2_query = [v_j(τ)]₁,₂ for every wire j;
* gamma_abc_g1 = [(β·u_j + α·v_j + w_j)/γ]₁ for the constant and the public inputs, l_query = [(…)/δ]₁ for the rest;
* h_query_i = [L′_{2i+1}(τ)/δ]₁ with L′ the Lagrange basis of the domain of 2n points.  The prover needs
  [h(τ)·t(τ)/δ]₁ where h·t = (Σ z_j u_j)(Σ z_j v_j) - Σ z_j w_j =: P.  P has degree below 2n, and a satisfying
  assignment makes it vanish on the even points of the 2n domain, which are the n points of the circuit.  With
  η = ω_{2n}, P(τ) = Σ_i P(η^(2i+1))·L′_{2i+1}(τ): the odd evaluations alone give the quotient term, and nobody divides
  by the vanishing polynomial t.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from ..algebra.domain import MAX_LOG_SIZE, Domain
from ..algebra.points import g1_generator, g2_generator
from ..curves import CURVES, PrimeField
from ..errors import MalformedInput
from ..kernel import current
from ..r1cs.constraint_system import R1CS
from .keys import ProvingKey, VerifyingKey
from .qap import coefficient_records, curve_for, domain_of, evaluate_at

Progress = Callable[[str, int, int], None]
"""Called as ``progress(step, done, total)`` before each step of a setup, and once with done = total at the end."""

_STEPS = ("qap", "coefficients", "a_query", "b_g1_query", "b_g2_query", "l_query", "h_query", "check")


@dataclass(frozen=True, repr=False, eq=False)
class ToxicWaste:
    """(τ, α, β, γ, δ) of ``fr``: whoever knows them forges proofs.  Never printed, compared, pickled or written.

    Python integers cannot be wiped: the values live until the interpreter reuses their memory.  That, too, is why a key
    made here is a development key.
    """

    tau: int
    alpha: int
    beta: int
    gamma: int
    delta: int
    fr: PrimeField

    def __post_init__(self) -> None:
        for name in ("tau", "alpha", "beta", "gamma", "delta"):
            if not 0 < getattr(self, name) < self.fr.modulus:
                raise MalformedInput(f"toxic waste: {name} must be in [1, r)")

    @classmethod
    def sample(cls, fr: PrimeField) -> ToxicWaste:
        """Four independent uniform elements of [1, r) from the operating system; γ = 1."""
        tau, alpha, beta, delta = (1 + secrets.randbelow(fr.modulus - 1) for _ in range(4))
        return cls(tau, alpha, beta, 1, delta, fr)

    def __repr__(self) -> str:
        return "ToxicWaste(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("toxic waste is never serialised")


def setup(r1cs: R1CS, *, threads: int = 1, progress: Progress | None = None) -> ProvingKey:
    """A development key for ``r1cs`` from fresh randomness, which is forgotten on return.

    The key is over the curve whose scalar field is the circuit's: bn254 or bls12_381.

    Raises:
        MalformedInput: the circuit has no constraint, is over another field, or needs a domain above 2^24.
    """
    domain = domain_of(r1cs)
    toxic = ToxicWaste.sample(r1cs.field)
    while _is_degenerate(toxic, domain):
        toxic = ToxicWaste.sample(r1cs.field)
    return _setup(r1cs, toxic, threads=threads, progress=progress)


def _is_degenerate(toxic: ToxicWaste, domain: Domain) -> bool:
    """τ is a point of the circuit's domain or of the odd coset (τ^2n = 1), or the key could not pass its own check."""
    r = domain.field.modulus
    on_domain = pow(toxic.tau, 2 * domain.size, r) == 1
    exponents = (toxic.beta, toxic.gamma, toxic.delta)
    related = len({min(e, r - e) for e in exponents}) < len(exponents)
    return on_domain or related or toxic.delta in (1, r - 1)


def _setup(r1cs: R1CS, toxic: ToxicWaste, *, threads: int = 1, progress: Progress | None = None) -> ProvingKey:
    """The deterministic core: the same circuit and toxic waste give the same bytes on every kernel and thread count.

    Raises:
        MalformedInput: as ``setup``, or the toxic waste is of another field or degenerate for this circuit.
    """
    domain, kernel = domain_of(r1cs), current()
    if toxic.fr != r1cs.field:
        raise MalformedInput(f"toxic waste of {toxic.fr.name} for a circuit over {r1cs.field.name}")
    if _is_degenerate(toxic, domain):
        raise MalformedInput("toxic waste is degenerate: tau on the domain, or beta, gamma, delta related")
    report = _reporter(progress)
    name, size, curve = r1cs.field.name, r1cs.field.num_bytes, curve_for(r1cs.field).name

    def scale(vector: bytes, scalar: int) -> bytes:
        return kernel.vec_scale(name, vector, kernel.to_montgomery(name, r1cs.field.to_bytes(scalar)))

    def g1(vector: bytes) -> bytes:
        scalars = kernel.from_montgomery(name, vector)
        return kernel.g1_fixed_base(curve, g1_generator(curve), scalars, threads=threads)

    def g2(vector: bytes) -> bytes:
        scalars = kernel.from_montgomery(name, vector)
        return kernel.g2_fixed_base(curve, g2_generator(curve), scalars, threads=threads)

    def one(scalar: int) -> bytes:
        return scale(kernel.to_montgomery(name, r1cs.field.to_bytes(1)), scalar)

    report()
    qap = evaluate_at(r1cs, toxic.tau, threads=threads)
    mixed = kernel.vec_add(name, scale(qap.u, toxic.beta), kernel.vec_add(name, scale(qap.v, toxic.alpha), qap.w))
    split = (r1cs.num_public + 1) * size
    inverse_delta, inverse_gamma = r1cs.field.inverse(toxic.delta), r1cs.field.inverse(toxic.gamma)
    report()
    coefficients = coefficient_records(r1cs)
    report()
    a_query = g1(qap.u)
    report()
    b_g1_query = g1(qap.v)
    report()
    b_g2_query = g2(qap.v)
    report()
    l_query = g1(scale(mixed[split:], inverse_delta))
    report()
    h_query = g1(scale(domain.odd_lagrange_at(toxic.tau, threads=threads), inverse_delta))
    report()
    verifying_key = VerifyingKey(
        alpha_g1=g1(one(toxic.alpha)),
        beta_g2=g2(one(toxic.beta)),
        gamma_g2=g2(one(toxic.gamma)),
        delta_g2=g2(one(toxic.delta)),
        gamma_abc_g1=g1(scale(mixed[:split], inverse_gamma)),
        development=True,
        curve=curve,
    )
    verifying_key.check()
    pk = ProvingKey(
        verifying_key=verifying_key,
        num_variables=r1cs.num_variables,
        log_domain=domain.log_size,
        coefficients=coefficients,
        beta_g1=g1(one(toxic.beta)),
        delta_g1=g1(one(toxic.delta)),
        a_query=a_query,
        b_g1_query=b_g1_query,
        b_g2_query=b_g2_query,
        l_query=l_query,
        h_query=h_query,
    )
    pk.check_shape()
    report()
    return pk


def _reporter(progress: Progress | None) -> Callable[[], None]:
    """Each call names the step that begins now; the last one, ("done", total, total)."""
    steps = iter(enumerate((*_STEPS, "done")))

    def report() -> None:
        done, step = next(steps)
        if progress is not None:
            progress(step, done, len(_STEPS))

    return report


assert all(curve.fr.two_adicity > MAX_LOG_SIZE for curve in CURVES.values()), "the largest circuit's 2n domain exists"
