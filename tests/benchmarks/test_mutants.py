"""The harness that mutates our circuits: what it counts, what it samples, and its arithmetic with signed digits."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import audit_mutants
import pytest
from house import honest, mutated, resigned
from house.mutated import Judged
from house.resigned import CURVE, ORDER, S_BITS, WINDOWS, Key, Signer

from zkrelay.algebra import eddsa
from zkrelay.algebra.eddsa_bounds import BABY_JUBJUB_BOUNDS as BOUNDS
from zkrelay.circuits.standard import standard_circuit
from zkrelay.r1cs import compile_circuit

P = CURVE.field.modulus
SECRET, MESSAGE = 12345, 67890
SITE = SimpleNamespace(ax=0, ay=1, r8x=2, r8y=3, s=4, s_bits=list(range(5, 4 + S_BITS)), public=lambda z: (z[0], z[1]))


def judged(circuit: str, fate: str, verdict: str = "safe", wrong: tuple[str, ...] = ()) -> Judged:
    return Judged(circuit, "drop", 1, "", fate, "", verdict, 0.1, list(wrong))


def test_what_is_counted() -> None:
    fates = ["killed"] * 6 + ["narrower"] * 2 + ["harmless", "undecided", "redundant"]
    items = [judged("claim", fate) for fate in fates] + [judged("Other", "killed", "under-constrained", ("a lie",))]
    table = audit_mutants.table(items).splitlines()
    cells = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in table[2:]}
    assert cells["claim"] == ["11", "6", "2", "1", "1", "1", "80.0 %", "85.7 %", "11", "0"]
    assert cells["claim"] == cells["ours"]
    assert cells["all"] == ["12", "7", "2", "1", "1", "1", "81.8 %", "87.5 %", "11", "1"]
    assert cells["Other"][-4:] == ["100.0 %", "100.0 %", "0", "1"]
    told, engine = audit_mutants.totals(items)
    assert told.startswith("12 mutants: 81.8 %") and "11 SAFE" in engine and "1 UNDER" in engine


def test_nothing_is_no_share() -> None:
    assert audit_mutants.table([judged("A", "redundant")]).splitlines()[-1].count(" - ") == 2


@pytest.mark.parametrize("most", ["0", "-3", "many"])
def test_a_number_of_mutants_is_at_least_one(most: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        audit_mutants.main(["--most", most])
    assert "--most" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["usage_limit", "registration", "open"])
def test_honest_sessions_are_honest_and_differ(name: str) -> None:
    compiled = compile_circuit(standard_circuit(name))
    found = {compiled.assign(session.inputs) for session in honest.sessions(name)}
    assert len(found) == len(honest.sessions(name)) > 4


def test_a_sample_is_the_same_each_time_and_names_each_mutant_once() -> None:
    found = mutated.sample("registration", 50)
    assert found == mutated.sample("registration", 50) == sorted(set(found)) and len(found) == 50
    everything = mutated.sample("registration", 1 << 20)
    assert set(found) < set(everything)
    assert len(everything) == sum(1 for _ in mutated.mutants(mutated.subject("registration").system))


@pytest.mark.parametrize("most", [1, 7, 50])
def test_a_large_circuit_gives_one_mutant_for_each_stretch_of_rows(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutated, "MAX_LISTED_ROWS", 100)
    size = len(mutated.subject("registration").system.rows)
    rows = [row for row, _ in mutated.sample("registration", most)]
    assert [int(row / size * most + 1e-9) for row in rows] == pytest.approx(range(most), abs=1)
    assert rows == sorted(set(rows)) and len(rows) == most and max(rows) < size


def test_only_some_rows_have_the_mutants_that_they_have_among_all() -> None:
    system = mutated.subject("registration").system
    rows = {3, 40, 41}
    some = [str(mutant) for mutant in mutated.mutants(system, rows=rows)]
    assert some == [str(mutant) for mutant in mutated.mutants(system) if mutant.row in rows] != []
    assert list(mutated.mutants(system, rows=())) == []


# -- signed digits ----------------------------------------------------------------------------------------------------


def signer() -> tuple[Signer, list[int]]:
    public = eddsa.derive_public_key(SECRET)
    made = Signer.__new__(Signer)
    made.keys = {public: Key(SECRET, MESSAGE)}
    signature = eddsa.sign(SECRET, MESSAGE)
    return made, [*public, *signature.r8, signature.s, *(0 for _ in range(S_BITS))]


def multiple(bits: list[int], window: int, digit: int) -> int:
    """2·scalar that the ladder adds up, ``digit``·4^window in place of that window."""
    total = sum((2 * bit - 1) << place for place, bit in enumerate(bits) if place // 2 != window)
    return total + digit * 4**window + (1 << S_BITS) - 1


@pytest.mark.parametrize("window", [0, 2, 75, WINDOWS - 1])
@pytest.mark.parametrize("digit", [0, 4, -2])
def test_the_other_bits_make_up_for_a_window(window: int, digit: int) -> None:
    made, z = signer()
    for changes in itertools.islice(made._around(SITE, window, digit, (7, 8), z, eddsa.IDENTITY), 2):
        bits = [changes[SITE.s] - sum(changes[wire] << place for place, wire in enumerate(SITE.s_bits, start=1))]
        bits = [bits[0] % P, *(changes[wire] for wire in SITE.s_bits)]
        assert bits[2 * window : 2 * window + 2] == [7, 8]
        r8 = changes[SITE.r8x], changes[SITE.r8y]
        k = eddsa.challenge(r8, (z[0], z[1]), MESSAGE)
        scalar = multiple(bits, window, digit) * pow(2, -1, ORDER) % ORDER
        right = CURVE.add_vartime(r8, CURVE.mul_vartime(8 * SECRET * k % ORDER, CURVE.generator))
        assert CURVE.mul_vartime(scalar, CURVE.generator) == right
        bits[2 * window : 2 * window + 2] = [0, 0]
        assert max(bits) < 2 and BOUNDS.accepts_s(sum(bit << place for place, bit in enumerate(bits)))


def test_somewhere_the_other_bits_do() -> None:
    made, z = signer()
    assert all(any(True for _ in made._around(SITE, window, 4, (0, 0), z, eddsa.IDENTITY)) for window in (1, 60, 124))


@pytest.mark.parametrize("high", [0, 1])
@pytest.mark.parametrize("other", [0, 1])
def test_a_free_bit_leads_to_the_third_point_of_a_line(high: int, other: int) -> None:
    first, second = resigned._digits(high, other)
    (u0, v0), (u1, v1), (u2, v2) = (resigned._montgomery(m) for m in (first, second, -first - second))
    free = (u2 - u0) * pow(u1 - u0, -1, P) % P
    assert (v0 + free * (v1 - v0)) % P == v2 and free > 1


def test_forms_of_a_point() -> None:
    for scalar in (1, 2, 77):
        point = CURVE.mul_vartime(scalar, CURVE.generator)
        assert resigned._edwards(*resigned._montgomery(2 * scalar)) == point


def test_minus_the_lower_windows() -> None:
    """The sum of the windows up to this one, with the lower ones replaced, is minus what they add up to."""
    made, z = signer()
    for window in (3, 50, 120):
        changes = next(made._negated_sum(SITE, window, 999, z))
        s = changes[SITE.s]
        lower = 2 * (s % 4**window) - (4**window - 1)
        assert resigned._montgomery(-lower)[0] == changes[999]


@pytest.mark.parametrize(
    ("part", "steps"),
    [
        ("variable_base.step.s1", [0]),
        ("variable_base.step[7].u[1]", [7]),
        ("variable_base.signed[247]", [247]),
        ("variable_base.signed[248]", range(248, 253)),
        ("variable_base.double[2].xy", range(248, 253)),
        ("variable_base.add[5].x", range(248, 253)),
        ("variable_base.add.slope", [-1]),
        ("variable_base.double.u", [-1]),
        ("variable_base.x", [247]),
    ],
)
def test_steps_of_the_ladder_by_name(part: str, steps) -> None:
    assert resigned._steps(part) == steps


@pytest.mark.parametrize("step", [0, 1, 100, 247, 252])
def test_a_ladder_that_turns_at_a_step_ends_at_a_multiple_that_is_listed(step: int) -> None:
    """m ↦ -m, and m ↦ 2m - σ, with the digits that follow as they were."""
    k = 1 << resigned.K_BITS | (1 << resigned.K_BITS) - (1 << 200) | 0x3A5C1
    for turned in (lambda m, sign: -m, lambda m, sign: 2 * m - sign, lambda m, sign: -(2 * m + sign)):
        plain, other = 3, 3
        for n in range(resigned.K_BITS - 1):
            sign = 2 * (k >> (resigned.K_BITS - 1 - n) & 1) - 1
            plain = 2 * plain + sign
            other = turned(other, sign) if n == step else 2 * other + sign
        assert other - plain in set(resigned._other_multiples(k, [step]))


def test_without_the_key_nothing_is_signed() -> None:
    made, z = signer()
    made.keys = {}
    assert not [*made._around(SITE, 3, 4, (0, 0), z, eddsa.IDENTITY)] and not [*made._nonces(SITE, z)]


@pytest.mark.long
def test_rows_of_a_claim_that_only_a_signer_can_do_without() -> None:
    """One of each kind: the message, the challenge, both ladders, their bits."""
    judge, _ = mutated._judge("claim")
    names = ("c2.poseidon.x4[9]", "c5.poseidon.x2[3]", "c6.eddsa.poseidon.x2[5]", "c6.eddsa.variable_base.step[99].s1")
    names += ("c6.eddsa.fixed_base.add[50].u", "c6.eddsa.fixed_base.add[50].slope", "c6.eddsa.bits[1].100")
    wanted = {judge.system.name(wire): wire for wire in judge.system.signals}
    last = {max(row.wires()): number for number, row in enumerate(judge.system.rows)}
    by_row = mutated._by_row(judge.system, {last[wanted[name]] for name in names})
    for row, found in by_row.items():
        outcome = judge(found[0])
        assert found[0].dropped and outcome.reason == "remade", judge.system.line(row)
        evidence = outcome.accepted if outcome.pair is None else outcome.pair.second
        assert evidence is not None and list(judge.system.violated(evidence)) == [row]
