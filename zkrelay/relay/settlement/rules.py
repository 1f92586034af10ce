"""What a ledger fixes at its first opening, besides domain and keys: stakes, and where opened notes come from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...errors import MalformedInput
from ..blind_token import TokenIssuer
from ..domain import EPOCH_BITS, SINGLE_STORE_VENUE, SINGLE_VENUE, Domain
from ..funding import FundingDomain
from ..numbers import check_range
from ..statement import VENUE_BITS

MONEY_BITS = 192  # 2^64 units of a price below 2^128
HOME_VENUE = 0  # of several venues the one that tickets and tokens are spent at


@dataclass(frozen=True)
class StakeRules:
    """``minimum`` of a stake, ``lock`` in epochs from asking for it to getting it, ``burn_percent`` of a slashed one.

    A slasher needs two epochs of the lock: one to commit in, a later one to reveal in.  What is burnt is the least that
    an offender loses, who may slash itself first.

    Raises (on construction):
        MalformedInput: minimum outside [1, 2^192), lock outside [2, 2^32), burn_percent outside [1, 100].
    """

    minimum: int = 1
    lock: int = 8
    burn_percent: int = 50

    def __post_init__(self) -> None:
        check_range("minimum of a stake", self.minimum, 1, 1 << MONEY_BITS)
        check_range("lock of a stake", self.lock, 2, 1 << EPOCH_BITS)
        check_range("burn_percent", self.burn_percent, 1, 101)


def check_venue(domain: Domain, venue: int, min_stake: int, *, batches: bool, opens: bool) -> None:
    """Raise ``MalformedInput`` for what one venue among several, or a single one, cannot promise."""
    check_range("venue", venue, 0, 1 << VENUE_BITS)
    check_range("min_stake", min_stake, 0, 1 << MONEY_BITS)
    if domain.mode == SINGLE_VENUE:
        if venue != SINGLE_STORE_VENUE:
            raise MalformedInput(f"the domain's only venue is {SINGLE_STORE_VENUE}")
        if min_stake:
            raise MalformedInput("a single venue pays no note twice and asks no claim for a stake")
        return
    if batches:
        raise MalformedInput("a batch shows no share: a domain with several venues takes single claims only")
    if opens and venue != HOME_VENUE:
        raise MalformedInput(f"tickets and tokens are spent at venue {HOME_VENUE}; the others follow with its notes")


def funding_settings(
    domain: Domain, funding: FundingDomain | None, issuers: Sequence[TokenIssuer], fee_recipient: int
) -> dict[str, str]:
    """The settings to pin; raises ``MalformedInput`` for a ticket or token whose note would be below one unit."""
    check_range("fee_recipient", fee_recipient, 0, 1 << 256)
    settings = {"fee_recipient": str(fee_recipient)}
    if funding is not None:
        _check_cap("ticket", funding.cap, domain)
        settings["funding"] = json.dumps(asdict(funding), sort_keys=True)
    for issuer in issuers:
        _check_cap("token", issuer.cap, domain)
        name = f"token_issuer_{issuer.key.digest}"
        if name in settings:
            raise MalformedInput("one issuer's key stands for one value")
        settings[name] = json.dumps({"value_bytes": issuer.value_bytes, "fee_bytes": issuer.fee_bytes}, sort_keys=True)
    return settings


def _check_cap(what: str, cap: int, domain: Domain) -> None:
    if cap < domain.unit:
        raise MalformedInput(f"the note of a {what} would have {cap} bytes, less than one unit of {domain.unit}")
