"""Hostile requests: each gets its own error, and the ledger with all its tables stays as it was."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from zkrelay.curves import bn254
from zkrelay.groth16 import rerandomize
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.refund import RefundRequest

from .world import MIB, START, TOKEN, Keys, Running, World, deposit_body, running, sqlite_service

R, P = bn254.FR.modulus, bn254.FP.modulus
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def stage(keys: Keys) -> Iterator[tuple[World, Running, dict[str, Any]]]:
    """A service with one unpaid claim: what every hostile variant starts from."""
    world = World(keys)
    registration = keys.registration[0].verifying_key
    with sqlite_service(world, registration_verifier=registration) as service, running(service) as served:
        yield world, served, world.submission(served.client()).to_dict()


@pytest.fixture
def served(stage: tuple[World, Running, dict[str, Any]]) -> Running:
    return stage[1]


@pytest.fixture
def body(stage: tuple[World, Running, dict[str, Any]]) -> dict[str, Any]:
    return copy.deepcopy(stage[2])


def check_refused(served: Running, path: str, body: object, status: int, code: str, **headers: str) -> None:
    before = served.state()
    assert served.refusal("POST", path, body, **headers) == (status, code)
    assert served.state() == before


def statement(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["statement"].__setitem__(name, value)


def context(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["context"].__setitem__(name, value)


def proof(name: str, index: int, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["proof"][name].__setitem__(index, value)


def plus(name: str, added: int) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["statement"].__setitem__(name, str(int(body["statement"][name]) + added))


CLAIMS: list[tuple[str, Callable[[dict[str, Any]], object], int, str]] = [
    ("nf + r", plus("nf", R), 422, "non-canonical-number"),
    ("root + r", plus("root", R), 422, "non-canonical-number"),
    ("payee + r", plus("payee", R), 422, "non-canonical-number"),
    ("another nf", plus("nf", 1), 422, "invalid-proof"),
    ("another amount", plus("amount", 1), 422, "invalid-proof"),
    ("no amount", statement("amount", "0"), 422, "malformed-input"),
    ("amount of 2^64", statement("amount", str(1 << 64)), 422, "malformed-input"),
    ("epoch of 2^32", statement("epoch", str(1 << 32)), 422, "malformed-input"),
    ("another domain", plus("domain", 1), 422, "wrong-domain"),
    ("another venue", statement("venue", "1"), 422, "wrong-venue"),
    ("another aux", plus("aux", 1), 422, "wrong-context"),
    ("another payout", context("payout_address", "666"), 422, "wrong-context"),
    ("another fee", context("relayer_fee", "2"), 422, "wrong-context"),
    ("payout of 2^256", context("payout_address", str(1 << 256)), 422, "malformed-input"),
    ("a leading zero", statement("nf", "007"), 422, "malformed-input"),
    ("a sign", statement("nf", "-1"), 422, "malformed-input"),
    ("a plus", statement("nf", "+1"), 422, "malformed-input"),
    ("hexadecimal", statement("nf", "0x10"), 422, "malformed-input"),
    ("a space", statement("nf", "1 "), 422, "malformed-input"),
    ("a line", statement("nf", "1\n"), 422, "malformed-input"),
    ("other digits", statement("nf", "١٢"), 422, "malformed-input"),
    ("many digits", statement("nf", "1" * 79), 422, "malformed-input"),
    ("a number for text", statement("nf", 1), 422, "malformed-input"),
    ("a fraction", statement("nf", 1.5), 422, "malformed-input"),
    ("true", statement("nf", True), 422, "malformed-input"),
    ("null", statement("nf", None), 422, "malformed-input"),
    ("a list", statement("nf", ["1"]), 422, "malformed-input"),
    ("an unknown field", statement("nonsense", "1"), 422, "malformed-input"),
    ("a missing field", lambda body: body["statement"].pop("nf"), 422, "malformed-input"),
    ("no proof", lambda body: body.pop("proof"), 422, "malformed-input"),
    ("a share in a domain of one venue", lambda body: body["statement"].update(x="1", y="2"), 422, "malformed-input"),
    ("half a share", statement("x", "1"), 422, "malformed-input"),
    ("a fraction for half a share", statement("x", 0.5), 422, "malformed-input"),
    ("A off its curve", proof("pi_a", 0, "5"), 422, "invalid-point"),
    ("C off its curve", proof("pi_c", 1, "5"), 422, "invalid-point"),
    ("B off its curve", proof("pi_b", 0, ["5", "6"]), 422, "invalid-point"),
    ("A's x above p", proof("pi_a", 0, str(P + 1)), 422, "format-error"),
    ("A at infinity", lambda body: body["proof"].update(pi_a=["0", "1", "0"]), 422, "format-error"),
    ("A at zero", lambda body: body["proof"].update(pi_a=["0", "0", "1"]), 422, "invalid-point"),
    ("A is C", lambda body: body["proof"].update(pi_a=body["proof"]["pi_c"]), 422, "invalid-proof"),
    ("short A", lambda body: body["proof"]["pi_a"].pop(), 422, "malformed-input"),
    ("another curve", lambda body: body["proof"].update(curve="bls12381"), 422, "malformed-input"),
    ("another proof system", lambda body: body["proof"].update(protocol="plonk"), 422, "malformed-input"),
]


@pytest.mark.parametrize(("spoil", "status", "code"), [c[1:] for c in CLAIMS], ids=[c[0] for c in CLAIMS])
def test_a_spoilt_claim(
    served: Running, body: dict[str, Any], spoil: Callable[[dict[str, Any]], object], status: int, code: str
) -> None:
    spoil(body)
    check_refused(served, "/v1/claims", body, status, code)


RAW: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 400, "bad-request"),
    ("no JSON", b"{", 400, "bad-request"),
    ("not UTF-8", b'{"handle": "\xff"}', 400, "bad-request"),
    ("a key twice", b'{"handle": "1", "handle": "2"}', 400, "bad-request"),
    ("deep", b"[" * 10_000, 400, "bad-request"),
    ("NaN", b'{"handle": NaN}', 422, "malformed-input"),
    ("a huge number", b'{"handle": ' + b"9" * 5000 + b"}", 422, "malformed-input"),
    ("an array", b"[]", 422, "malformed-input"),
    ("half a character", b'{"handle": "\\ud800"}', 422, "malformed-input"),
    ("half a character in a name", b'{"handle": "1", "\\ud800\\u0000": "2"}', 422, "malformed-input"),
    ("r itself", f'{{"handle": "{R}"}}'.encode(), 422, "non-canonical-number"),
]


@pytest.mark.parametrize(("raw", "status", "code"), [case[1:] for case in RAW], ids=[case[0] for case in RAW])
def test_a_spoilt_body(served: Running, raw: bytes, status: int, code: str) -> None:
    check_refused(served, "/v1/commitments", raw, status, code)


DEPOSITS: list[tuple[str, dict[str, object], int, str]] = [
    ("inner + r", {"inner": str(R + 1)}, 422, "non-canonical-number"),
    ("cap below a unit", {"cap": "5"}, 422, "over-cap"),
    ("cap of 2^64", {"cap": str(1 << 64)}, 422, "malformed-input"),
    ("expired", {"expiry": str(START - 1)}, 410, "expired"),
    ("another domain", {"domain": "5"}, 422, "wrong-domain"),
]


@pytest.mark.parametrize(("changes", "status", "code"), [c[1:] for c in DEPOSITS], ids=[c[0] for c in DEPOSITS])
def test_a_spoilt_deposit(served: Running, changes: dict[str, object], status: int, code: str) -> None:
    check_refused(served, "/v1/deposits", deposit_body(**changes), status, code, **AUTHORISED)


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
)
def test_nobody_else_says_that_money_came_in(served: Running, given: str) -> None:
    stake = {"payee": "1", "address": "2", "amount": "1000", "proof": {}}
    headers = {"Authorization": given} if given else {}
    check_refused(served, "/v1/deposits", deposit_body(), 401, "unauthorized", **headers)
    check_refused(served, "/v1/leaves", {"identity": "1", "limit": "3"}, 401, "unauthorized", **headers)
    assert served.refusal("POST", "/v1/stakes", stake, **headers)[0] in (401, 422)


def test_what_was_not_opened_is_closed(served: Running, body: dict[str, Any]) -> None:
    batch = {**body["statement"], "total": "1", "count": "1", "h": "1", "nullifiers": ["1", "0"]}
    for name in ("amount", "nf", "cc"):
        batch.pop(name)
    check_refused(served, "/v1/batches", {**body, "statement": batch}, 404, "entry-point-closed")
    check_refused(served, "/v1/leaves", {"identity": "1", "limit": "3"}, 404, "entry-point-closed", **AUTHORISED)
    batch["nullifiers"] = ["1", "1"]
    check_refused(
        served, "/v1/batches", {**body, "statement": {**batch, "count": "2", "total": "2"}}, 422, "duplicate-nullifier"
    )


def test_stakes_of_nobody(served: Running, body: dict[str, Any]) -> None:
    assert served.refusal("GET", "/v1/stakes/5") == (404, "unknown-stake")
    check_refused(served, "/v1/stakes/5/withdrawal", None, 404, "unknown-stake")
    check_refused(served, "/v1/stakes/5/exit", {"proof": body["proof"]}, 404, "unknown-stake")
    stake = {"payee": "5", "address": "6", "amount": "1000", "proof": body["proof"]}
    check_refused(served, "/v1/stakes", stake, 422, "invalid-proof", **AUTHORISED)
    check_refused(served, "/v1/stakes", {**stake, "amount": "1"}, 422, "stake-too-small", **AUTHORISED)
    slash = {"payee": "5", "kn": "6", "slasher": "7", "salt": "8"}
    check_refused(served, "/v1/slashings", slash, 422, "wrong-evidence")


def test_a_path_is_a_number(served: Running) -> None:
    for path in (
        "/v1/roots/-1",
        "/v1/nullifiers/x",
        "/v1/nullifiers/007",
        "/v1/nullifiers/-1",
        "/v1/notes?first=-1",
        "/v1/notes?limit=0",
    ):
        assert served.refusal("GET", path) == (422, "malformed-input")
    assert served.refusal("GET", f"/v1/nullifiers/{R}") == (422, "non-canonical-number")
    assert served.refusal("GET", "/v1/notes?first=99") == (422, "malformed-input")
    assert served.refusal("GET", "/v1/events?kind=x'--") == (422, "malformed-input")
    assert served.refusal("GET", "/v1/nothing") == (404, "not-found")
    assert served.refusal("DELETE", "/v1/claims") == (405, "method-not-allowed")


def test_a_body_of_another_kind(served: Running) -> None:
    status, code = served.refusal("POST", "/v1/commitments", b'{"handle": "1"}', Content_Type="text/plain")
    assert (status, code) == (415, "unsupported-media-type")


def test_replays_and_other_proofs_of_the_same_statement(world: World, keys: Keys) -> None:
    """On a service of its own, as the claim is paid."""
    with sqlite_service(world) as service, running(service) as served:
        client = served.client()
        claim = world.submission(client)
        assert client.redeem(claim).money == 35
        other = replace(claim, proof=rerandomize(keys.claim[0].verifying_key, claim.proof))
        for again in (claim, other):
            check_refused(served, "/v1/claims", again.to_dict(), 409, "nullifier-spent")
        world.now += 2
        check_refused(served, "/v1/claims", claim.to_dict(), 409, "not-committed")


def test_refunds_out_of_order(world: World) -> None:
    with sqlite_service(world) as service, running(service) as served:
        client = served.client()
        key, note, _ = world.session(cap=MIB)
        request = RefundRequest.sign(key, note, recipient=7).to_dict()
        check_refused(served, "/v1/refunds", request, 404, "unknown-note")
        client.deposit(DepositOrder.of_note(note))
        check_refused(served, "/v1/refunds", request, 409, "not-yet-refundable")
        world.now = note.expiry + 3
        check_refused(served, "/v1/refunds", {**request, "recipient": "8"}, 422, "invalid-signature")
        check_refused(served, "/v1/refunds", {**request, "public_key": "00" * 32}, 422, "invalid-point")
        check_refused(served, "/v1/refunds", {**request, "rho": str(R)}, 422, "non-canonical-number")
        check_refused(served, "/v1/deposits", DepositOrder.of_note(note).to_dict(), 410, "expired", **AUTHORISED)
