"""The development setup: every query against [Gro16]'s formulas in the exponent, and the hygiene of its secrets."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
import random
import secrets

import pytest

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.algebra.points import g1_generator, g2_generator
from zkrelay.curves import CURVES, PairingCurve, bls12_381, bn254
from zkrelay.errors import MalformedInput
from zkrelay.groth16 import prove, setup, verify
from zkrelay.groth16.qap import domain_of, evaluate_at
from zkrelay.groth16.setup import ToxicWaste, _setup
from zkrelay.kernel import current

from .small_circuits import assignment_bytes, build, cubic, random_satisfied

FR = bn254.FR
R = FR.modulus
TOXIC = ToxicWaste(tau=1234567, alpha=11, beta=R - 5, gamma=29, delta=31, fr=FR)


def toxic_of(curve: PairingCurve) -> ToxicWaste:
    return dataclasses.replace(TOXIC, beta=curve.fr.modulus - 5, fr=curve.fr)


def g1(*exponents: int, curve: str = "bn254") -> bytes:
    fr = CURVES[curve].fr
    scalars = pack_field(fr, [e % fr.modulus for e in exponents])
    return current().g1_fixed_base(curve, g1_generator(curve), scalars)


def g2(*exponents: int, curve: str = "bn254") -> bytes:
    fr = CURVES[curve].fr
    scalars = pack_field(fr, [e % fr.modulus for e in exponents])
    return current().g2_fixed_base(curve, g2_generator(curve), scalars)


def test_every_query_has_the_exponents_of_the_paper(curve: PairingCurve) -> None:
    fr, toxic = curve.fr, toxic_of(curve)
    r = fr.modulus
    one, two = functools.partial(g1, curve=curve.name), functools.partial(g2, curve=curve.name)
    r1cs, _ = random_satisfied(random.Random(8), 9, 2, 5, field=fr)
    pk, vk = (key := _setup(r1cs, toxic)), key.verifying_key
    assert (pk.curve, pk.fr) == (curve.name, fr)
    qap = evaluate_at(r1cs, toxic.tau)
    u, v, w = (unpack_field(fr, current().from_montgomery(fr.name, part)) for part in (qap.u, qap.v, qap.w))
    mixed = [toxic.beta * a + toxic.alpha * b + c for a, b, c in zip(u, v, w, strict=True)]
    assert (vk.alpha_g1, vk.beta_g2, vk.gamma_g2, vk.delta_g2) == (one(11), two(-5), two(29), two(31))
    assert (pk.beta_g1, pk.delta_g1) == (one(-5), one(31))
    assert pk.a_query == one(*u)
    assert (pk.b_g1_query, pk.b_g2_query) == (one(*v), two(*v))
    assert vk.gamma_abc_g1 == one(*(m * pow(29, -1, r) for m in mixed[:3]))
    assert pk.l_query == one(*(m * pow(31, -1, r) for m in mixed[3:]))


def test_h_query_carries_the_quotient_of_every_polynomial_that_vanishes_on_the_domain(curve: PairingCurve) -> None:
    """For P = t·h, Σ P(η^(2i+1))·h_query_i must be [h(τ)t(τ)/δ]₁; h = X^k for every k below n - 1, so all h."""
    fr, toxic = curve.fr, toxic_of(curve)
    r = fr.modulus
    r1cs, _ = cubic(3, fr)
    domain = domain_of(r1cs)
    pk = _setup(r1cs, toxic)
    eta = fr.omega(domain.log_size + 1)
    odd = [pow(eta, 2 * i + 1, r) for i in range(domain.size)]
    for k in range(domain.size - 1):
        evaluations = [domain.vanishing_at(x) * pow(x, k, r) % r for x in odd]
        quotient = current().g1_msm(curve.name, pack_field(fr, evaluations), pk.h_query)
        exponent = pow(toxic.tau, k, r) * domain.vanishing_at(toxic.tau) * pow(toxic.delta, -1, r)
        assert quotient == g1(exponent, curve=curve.name)


def test_a_gamma_other_than_one_works_too() -> None:
    r1cs, z = cubic(3)
    pk = _setup(r1cs, TOXIC)
    verify(pk.verifying_key, [35], prove(pk, assignment_bytes(z)))


def test_a_development_key_says_so_and_passes_its_own_checks(curve: PairingCurve) -> None:
    pk = setup(cubic(3, curve.fr)[0])
    assert pk.verifying_key.development
    assert pk.verifying_key.gamma_g2 == g2_generator(curve.name)
    pk.check()
    assert pk.log_domain == 3
    assert (pk.num_variables, pk.num_public) == (5, 1)


def test_the_core_is_deterministic_whatever_the_threads() -> None:
    r1cs, _ = random_satisfied(random.Random(9), 30, 2, 12)
    assert _setup(r1cs, TOXIC) == _setup(r1cs, TOXIC) == _setup(r1cs, TOXIC, threads=2)


def test_two_setups_share_nothing() -> None:
    r1cs, _ = cubic(3)
    one, other = setup(r1cs), setup(r1cs)
    for name in ("alpha_g1", "beta_g2", "delta_g2", "gamma_abc_g1"):
        assert getattr(one.verifying_key, name) != getattr(other.verifying_key, name)
    for name in ("a_query", "b_g2_query", "l_query", "h_query"):
        assert getattr(one, name) != getattr(other, name)


def test_progress_names_every_step_once() -> None:
    seen: list[tuple[str, int, int]] = []
    setup(cubic(3)[0], progress=lambda step, done, total: seen.append((step, done, total)))
    names = ["qap", "coefficients", "a_query", "b_g1_query", "b_g2_query", "l_query", "h_query", "check", "done"]
    assert seen == [(name, done, 8) for done, name in enumerate(names)]


# --- refusals


def test_circuits_without_constraints_are_refused() -> None:
    with pytest.raises(MalformedInput, match="without constraints"):
        setup(build([], num_variables=2, num_public=0))


@pytest.mark.parametrize("log_order", [0, 1, 3, 4])
def test_tau_on_the_domain_or_its_odd_coset_is_refused(log_order: int) -> None:
    """The cubic's domain has 2^3 points: every τ of order up to 2^4 would make a query vanish or repeat."""
    with pytest.raises(MalformedInput, match="degenerate"):
        _setup(cubic(3)[0], dataclasses.replace(TOXIC, tau=FR.omega(log_order)))


def test_tau_just_outside_both_is_taken() -> None:
    _setup(cubic(3)[0], dataclasses.replace(TOXIC, tau=FR.omega(5)))


@pytest.mark.parametrize(
    "change",
    [
        {"delta": TOXIC.gamma},
        {"delta": R - TOXIC.gamma},
        {"beta": TOXIC.gamma},
        {"beta": R - TOXIC.gamma},
        {"delta": TOXIC.beta},
        {"delta": 1},
        {"delta": R - 1},
    ],
)
def test_related_exponents_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(MalformedInput, match="degenerate"):
        _setup(cubic(3)[0], dataclasses.replace(TOXIC, **change))


def test_a_degenerate_sample_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first τ drawn is 1, a point of every domain: setup must draw again."""
    draws = [0, 1, 2, 3]

    def randbelow(bound: int) -> int:
        return draws.pop(0) if draws else random.randrange(bound)

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    pk = setup(cubic(3)[0])
    assert not draws
    assert pk.verifying_key.alpha_g1 != g1(2)  # alpha of the first sample would have been 1 + 1
    pk.verifying_key.check()


@pytest.mark.parametrize("name", ["tau", "alpha", "beta", "gamma", "delta"])
@pytest.mark.parametrize("value", [0, -1, R, R + 1])
def test_toxic_waste_outside_the_field_is_refused_without_its_value(name: str, value: int) -> None:
    with pytest.raises(MalformedInput, match=f"{name} must be in") as caught:
        dataclasses.replace(TOXIC, **{name: value})
    assert str(R + 1) not in str(caught.value)


def test_toxic_waste_of_another_field_is_refused() -> None:
    with pytest.raises(MalformedInput, match="toxic waste of bn254_fr for a circuit over bls12_381_fr"):
        _setup(cubic(3, bls12_381.FR)[0], TOXIC)


# --- hygiene


def test_toxic_waste_comes_from_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds: list[int] = []
    real = secrets.randbelow

    def randbelow(bound: int) -> int:
        bounds.append(bound)
        return real(bound)

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    ToxicWaste.sample(FR)
    assert bounds == [R - 1] * 4
    ToxicWaste.sample(bls12_381.FR)
    assert bounds[4:] == [bls12_381.FR.modulus - 1] * 4


def test_toxic_waste_is_never_shown() -> None:
    toxic = ToxicWaste.sample(FR)
    shown = f"{toxic} {toxic!r} {[toxic]} {(toxic,)}"
    for name in ("tau", "alpha", "beta", "delta"):
        assert str(getattr(toxic, name)) not in shown
    assert repr(toxic) == "ToxicWaste(hidden)"


def test_toxic_waste_is_never_serialised_or_copied() -> None:
    toxic = ToxicWaste.sample(FR)
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never serialised"):
            leak(toxic)


def test_a_key_does_not_hold_its_toxic_waste() -> None:
    """No field of a key is toxic waste, and neither are the exponents its bytes."""
    toxic = ToxicWaste.sample(FR)
    held = pickle.dumps(_setup(cubic(3)[0], toxic))
    for name in ("tau", "alpha", "beta", "delta"):
        value = getattr(toxic, name)
        for form in (value, value * FR.montgomery_r % R):
            assert form.to_bytes(32, "little") not in held
