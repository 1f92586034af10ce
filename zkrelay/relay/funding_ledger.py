"""The ledger's rules for the funding tree, over a transaction that the settlement's store provides.

    buy_leaf         limit·D is taken, the leaf computed and inserted
    verify_opening   pure: reads no store and no clock
    open_note        one ticket, one note with cap D - fee, or the answer given before to the same message
    slash_tickets    takes the unspent tickets of a convicted identity, and only those

Conservation: a leaf costs limit·D, has at most limit nullifiers, and each is spent once: on a note that cost D and
pays at most D - fee, or on a slasher's reward of D.  So a client that opens all its notes and then convicts itself gets
nothing more.  Each function runs in one transaction of its caller, who rolls back on any error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import DuplicateLeaf, InvalidEvidence, OverCap, TicketSpent, UnknownRoot, WrongContext, WrongDomain
from ..groth16 import Proof
from .domain import Domain
from .funding import FUNDING_ARITY, FundingDomain, funding_leaf, ticket_nullifiers
from .merkle import MerkleTree
from .note import note_commitment
from .opening import OpenMessage, OpenStatement
from .share import Share
from .slash import Evidence
from .store_funding import FundedLeaf, FundingTransaction, SpentTicket
from .verifier import ClaimVerifier


def buy_leaf(transaction: FundingTransaction, funding: FundingDomain, identity: int, limit: int) -> FundedLeaf:
    """Insert a leaf; the caller has taken ``funding.price(limit, domain)``.

    Raises:
        DuplicateLeaf: the identity has a leaf: its tickets are numbered from 0, so a second leaf would add none.
        TreeFull: the funding tree has no free leaf.
        MalformedInput, NonCanonicalNumber: as ``funding_leaf``.
    """
    value = funding_leaf(identity, limit)
    tree = MerkleTree(FUNDING_ARITY, funding.depth, transaction.nodes, transaction.num_leaves())
    leaf = FundedLeaf(identity, limit, len(tree))
    if not transaction.insert_leaf(leaf):
        raise DuplicateLeaf("this identity has a leaf already; make a new funding key")
    tree.append(value)
    transaction.insert_root(tree.root)
    return leaf


def verify_opening(
    funding: FundingDomain,
    domain: Domain,
    verifier: ClaimVerifier,
    message: OpenMessage,
    public_inputs: Sequence[int],
    proof: Proof,
) -> OpenStatement:
    """Everything about an opening that needs neither store nor clock; returns what it states.

    Raises:
        MalformedInput, NonCanonicalNumber, InvalidPoint: the inputs or the proof are not well formed.
        WrongDomain: the opening is for another note tree or another funding tree.
        WrongContext: the share is not bound to this message, or the message to this D.
        OverCap: D less the fee is below one unit.
        InvalidProof: the proof is false.
    """
    statement = OpenStatement.from_public_inputs(public_inputs)
    if message.domain != domain.value:
        raise WrongDomain("the note belongs to another chain, contract, tree or version")
    if statement.ext != funding.ext:
        raise WrongDomain("the ticket belongs to another funding tree")
    if message.ticket_bytes != funding.ticket_bytes:
        raise WrongContext(f"a ticket of this tree is worth {funding.ticket_bytes} bytes")
    if statement.x != message.x:
        raise WrongContext("the ticket was used for another note")
    if funding.cap < domain.unit:
        raise OverCap(f"a cap of {funding.cap} bytes is below one unit of {domain.unit}")
    verifier.verify(statement.public_inputs, proof)
    return statement


def open_note(
    transaction: FundingTransaction,
    funding: FundingDomain,
    statement: OpenStatement,
    message: OpenMessage,
    insert: Callable[[int, int, int], int],
) -> SpentTicket:
    """Spend the ticket of a verified statement on its note, once; the same message again gets the same answer.

    Args:
        insert: (inner, cap, expiry) -> cm: the settlement's insertion of a note in this very transaction.

    Raises:
        UnknownRoot: the funding tree never had this root.
        TicketSpent: the ticket opened another note, or was slashed.  With another note, ``slash.recover_funding`` on
            both shares gives the funding secret.
        Expired, DuplicateNote, TreeFull, ...: whatever ``insert`` raises.
    """
    if not transaction.has_root(statement.root):
        raise UnknownRoot("the funding tree never had this root")
    cm = note_commitment(message.domain, message.inner, funding.cap, message.expiry)
    ticket = SpentTicket(statement.share, cm)
    before = transaction.spend(ticket)
    if before == ticket:
        return ticket
    if before is not None:
        raise TicketSpent("this ticket opened another note" if before.cm is not None else "this ticket was slashed")
    inserted = insert(message.inner, funding.cap, message.expiry)
    assert inserted == cm, "the settlement inserts the note that the message names"
    return ticket


def slash_tickets(transaction: FundingTransaction, funding: FundingDomain, evidence: Evidence) -> int:
    """Mark every unspent ticket of the convicted identity spent; the slasher gets the price of D for each returned.

    Raises:
        InvalidEvidence: the identity has no leaf here, or the nullifier is none of its tickets.
        TicketSpent: no ticket of it is left.
    """
    leaf = transaction.leaf(evidence.identity)
    if leaf is None:
        raise InvalidEvidence("the identity has no leaf in this funding tree")
    nullifiers = ticket_nullifiers(evidence.secret, funding.ext, range(leaf.limit))
    if evidence.first.nf not in nullifiers:
        raise InvalidEvidence("the nullifier is no ticket of this leaf")
    # a slashed ticket shows the line where it crosses x = 0, which is the secret itself
    taken = sum(transaction.spend(SpentTicket(Share(nf, 0, evidence.secret), None)) is None for nf in nullifiers)
    if not taken:
        raise TicketSpent("no ticket of this leaf is left to take")
    return taken
