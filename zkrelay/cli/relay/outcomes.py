"""What became of many things that a ledger or a verifier was asked to do: a line for each, and one exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from ...errors import InvalidProof, InvalidSignature, MalformedInput, SettlementRefused, ZkrelayError
from .. import output
from ..errors import ExitCode, explain

if TYPE_CHECKING:
    from ...relay.store import Payment


def tried(call: Callable[[], Payment]) -> Payment | ZkrelayError:
    """What the call returns, or what it refuses about its own item; anything else is raised."""
    try:
        return call()
    except (SettlementRefused, InvalidProof, InvalidSignature, MalformedInput) as error:
        return error


def report(outcomes: Sequence[Payment | ZkrelayError], as_json: bool) -> None:
    """Print the payments and refusals, and end with the code of the worst."""
    refused = {index: outcome for index, outcome in enumerate(outcomes) if isinstance(outcome, ZkrelayError)}
    payments = [outcome for outcome in outcomes if not isinstance(outcome, ZkrelayError)]
    if as_json:
        output.result_json(
            {
                "num_paid": len(payments),
                "money": str(sum(payment.money for payment in payments)),
                "fees": str(sum(payment.fee for payment in payments)),
                "refused": refusals(refused),
            }
        )
    else:
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, ZkrelayError):
                output.result(f"REFUSED {index}: {type(outcome).__name__}: {explain(outcome)[1]}")
            else:
                fee = f", {outcome.fee} to {hex(outcome.relayer)}" if outcome.fee else ""
                output.result(f"PAID {index}: {outcome.money} to {hex(outcome.recipient)}{fee}")
    end(refused)


def refusals(refused: Mapping[int, ZkrelayError]) -> list[dict[str, object]]:
    """As ``--json`` has them."""
    return [
        {"index": index, "error": type(error).__name__, "message": explain(error)[1]}
        for index, error in sorted(refused.items())
    ]


def end(refused: Mapping[int, ZkrelayError]) -> None:
    """Return when nothing was refused; else 3 when something was malformed, and 1 when all was only refused."""
    codes = {explain(error)[0] for error in refused.values()}
    if codes:
        raise typer.Exit(ExitCode.REFUSED if codes == {ExitCode.REFUSED} else max(codes))
