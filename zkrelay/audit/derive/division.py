"""Division by what cannot vanish together with its numerator (q).

A row D·w + N = 0 over known wires determines w unless D = N = 0 somewhere.  It does not when polynomials M and S exist
with

    D + M·N = c0 + c1·S²    (after replacing wires by what rows say they are),   c1 = 0 ≠ c0  or  -c0/c1 not a square:

where D = N = 0 the left side is 0 and the right side is not.  Two shapes are looked for.

* N = λ·D + μ with μ ≠ 0: the denominators 1 - y under 1 + y, u + 1 under u - 1.
* The complete addition of twisted Edwards curves ([BBJLP08] theorem 3.3): with β = x1·y2 and γ = y1·x2 the denominators
  1 ± d·βγ under β + γ and under y1·y2 - a·x1·x2.  S is β, or x1·x2.  It holds for *all* x1, y1, x2, y2, on the curve or
  not, because d and a·d are no squares.
"""

from __future__ import annotations

from ..system import Form
from .linear_rules import divisor_of
from .polynomials import (
    Polynomial,
    Subs,
    definition,
    expanded,
    is_square,
    monomials,
    of_form,
    of_row,
    pairs,
    plus,
    product_row,
    solved_for,
    substituted,
    times,
    wires_of,
    with_constants,
)
from .state import State

MAX_FORM = 12  # wires of a factor that is worth expanding
MAX_SUBS = 64
MAX_UNFOLDED = 200  # terms


def divide(state: State, index: int) -> bool:
    """Row ``index`` has one unknown wire w, in one of A and B: try to show that its divisor cannot spoil it."""
    unknown = state.unknown_wires(index)
    if len(unknown) != 1:
        return False
    wire, row, p = unknown[0], state.rows[index], state.p
    divisor = divisor_of(row, wire, p)
    rest = {m: k for m, k in of_row(state, index).items() if wire not in m}
    if not divisor:
        return False
    d, n = expanded(state, of_form(divisor), []), expanded(state, rest, [])
    return (
        _affine(state, index, wire, [], d, n)
        or _complete_addition(state, index, wire, divisor, rest)
        or _unfolded(state, index, wire, of_form(divisor), rest)
    )


def _unfolded(state: State, index: int, wire: int, d: Polynomial, n: Polynomial) -> bool:
    """N = λ·D + μ after wires are replaced, the last solved first, by what their rows say."""
    subs: Subs = []
    while len(subs) < MAX_SUBS and len(d) + len(n) <= MAX_UNFOLDED:
        wires = {w for w in wires_of(d, n) if definition(state, w) is not None}
        if not wires:
            return False
        latest = max(wires, key=lambda w: state.solved_at[w])
        row = definition(state, latest)
        assert row is not None
        subs.append((row, latest))
        value = with_constants(state, solved_for(state, row, latest))
        d, n = substituted(d, latest, value, state.p), substituted(n, latest, value, state.p)
        if d and _affine(state, index, wire, subs, d, n):
            return True
    return False


def _affine(state: State, index: int, wire: int, subs: Subs, d: Polynomial, rest: Polynomial) -> bool:
    """N = λ·D + μ, or D a constant."""
    p = state.p
    if d.keys() == {()}:
        _note(state, index, wire, subs, {}, {}, d[()], 0)
        return True
    if not d:
        return False
    lead = next(m for m in d if m) if len(d) > 1 or () not in d else ()
    ratio = rest.get(lead, 0) * pow(d[lead], -1, p) % p if lead else 0
    left = plus(rest, d, -ratio, p)
    if left.keys() != {()}:
        return False
    mu = left[()]
    if ratio:
        m: Polynomial = {(): -pow(ratio, -1, p) % p}
        c0 = -mu * pow(ratio, -1, p) % p
    else:  # N is the constant μ: M = (1 - D)/μ
        m = {k: v * pow(mu, -1, p) % p for k, v in plus({(): 1}, d, -1, p).items()}
        c0 = 1
    _note(state, index, wire, subs, m, {}, c0, 0)
    return True


def _complete_addition(state: State, index: int, wire: int, divisor: Form, rest: Polynomial) -> bool:
    """D = c0 + k·τ with τ = β·γ."""
    inner = [w for w in divisor if w]
    if len(inner) != 1 or 0 not in divisor or len(rest) > MAX_FORM:
        return False
    tau_row = product_row(state, inner[0])
    if tau_row is None:
        return False
    factors = [state.rows[tau_row].a, state.rows[tau_row].b]
    if any(len(side) != 1 or 0 in side for side in factors):
        return False
    beta, gamma = (next(iter(side)) for side in factors)
    subs = [(tau_row, inner[0])]
    if _certified(state, index, wire, divisor, rest, subs, [{(beta,): 1}]):
        return True
    beta_row, gamma_row = product_row(state, beta), product_row(state, gamma)
    if beta_row is None or gamma_row is None:
        return False
    others = {w for m in rest for w in m} - {beta, gamma}
    subs += [(row, w) for w in sorted(others) if (row := product_row(state, w)) is not None]
    subs += [(beta_row, beta), *([(gamma_row, gamma)] if gamma != beta else [])]
    sides = [[state.rows[r].a, state.rows[r].b] for r in (beta_row, gamma_row)]
    if any(len(form) > MAX_FORM for pair in sides for form in pair):
        return False
    squares = [expanded(state, times(of_form(x), of_form(y), state.p), []) for x in sides[0] for y in sides[1]]
    return _certified(state, index, wire, divisor, rest, subs, squares)


def _certified(
    state: State,
    index: int,
    wire: int,
    divisor: Form,
    rest: Polynomial,
    subs: Subs,
    candidates: list[Polynomial],
) -> bool:
    p = state.p
    d, n = expanded(state, of_form(divisor), subs), expanded(state, rest, subs)
    for s in candidates:
        solution = _combination(d, times(s, n, p), times(s, s, p), p)
        if solution is None:
            continue
        kappa, c0, c1 = solution
        if c0 and c1 and not is_square(-c0 * pow(c1, -1, p), p):
            _note(state, index, wire, subs, {m: k * kappa % p for m, k in s.items()}, s, c0, c1)
            return True
    return False


def _combination(d: Polynomial, sn: Polynomial, ss: Polynomial, p: int) -> tuple[int, int, int] | None:
    """(κ, c0, c1) with D + κ·S·N = c0 + c1·S²."""
    c0 = (d.get((), 0)) % p
    square = next((m for m in ss if m), None)
    if square is None:
        return None
    # a monomial of D that S² lacks gives κ; then the square's own gives c1
    only = next((m for m in d if m and m not in ss and m in sn), None)
    if only is None:
        return None
    kappa = -d[only] * pow(sn[only], -1, p) % p
    total = plus(d, sn, kappa, p)
    c1 = total.get(square, 0) * pow(ss[square], -1, p) % p
    left = plus(total, ss, -c1, p)
    c0 = left.get((), 0)
    return (kappa, c0, c1) if left.keys() <= {()} else None


def _note(state: State, index: int, wire: int, subs: Subs, m: Polynomial, s: Polynomial, c0: int, c1: int) -> None:
    state.note(f"q {index} {wire} ; {pairs(subs)} ; {monomials(m)} ; {monomials(s)} ; {c0} {c1}")
    state.mark(wire)
