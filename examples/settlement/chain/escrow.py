"""One escrow's contract: what ``Settlement`` does, in transactions, with the same arguments and the same errors.

The note tree is rebuilt here from the contract's events, and must have its root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from zkrelay.errors import MalformedInput, NotFinal
from zkrelay.evm.words import proof_words
from zkrelay.groth16 import Proof
from zkrelay.relay.batch_statement import BatchStatement
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.merkle import MerkleProof, MerkleTree
from zkrelay.relay.numbers import check_element
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.statement import ClaimStatement

from . import abi
from .refusals import ChainError
from .rpc import Event, Rpc, TransactionReceipt

ARITY = 4
MAX_INSERTED = 64  # notes in one transaction when not told otherwise
CONTEXT = "(address,address,uint256)"
REDEEM = f"redeem(uint256[8],uint256[7],{CONTEXT})"
REDEEM_BATCH = f"redeemBatch(uint256[8],uint256,uint256[],{CONTEXT})"
REFUND = "refund((uint256[2],uint256,uint256,uint256,uint256),address,uint256[2],uint256)"
DEPOSITED = abi.topic("Deposited(uint256,uint256,uint256,uint256)")


class PendingNote(NamedTuple):
    """A note with its place in the tree, which is under a root once it is inserted."""

    cm: int
    position: int
    receipt: TransactionReceipt


class Paid(NamedTuple):
    """What a claim, a batch or a refund credited: ``money`` with the relayer's fee in it."""

    money: int
    receipt: TransactionReceipt


class Escrow:
    """A client of the contract at an address; several may be used at once."""

    def __init__(self, rpc: Rpc, address: str, *, deployment_gas: Mapping[str, int] | None = None) -> None:
        """Read the contract's domain.

        Raises:
            ChainError: there is no such contract, or its domain is not that of its own parts.
            MalformedInput: its parts are none that a domain has.
        """
        self.rpc = rpc
        self.address = address
        self.deployment_gas = dict(deployment_gas or {})
        parts = {name: self._number(f"{name}()") for name in ("TREE_NO", "UNIT", "PRICE_PER_UNIT", "DEPTH")}
        self.domain = Domain(
            chain_id=rpc.number("eth_chainId"),
            contract=int(address, 16),
            tree_no=parts["TREE_NO"],
            unit=parts["UNIT"],
            price_per_unit=parts["PRICE_PER_UNIT"],
            arity=ARITY,
            depth=parts["DEPTH"],
        )
        if self._number("DOMAIN()") != self.domain.value:
            raise ChainError("the contract's domain is not that of its address, chain and rules")
        self._leaves: list[int] = []
        self._tree = MerkleTree(ARITY, self.domain.depth)

    @property
    def epoch(self) -> int:
        """The contract's present epoch."""
        return self._number("epochNow()")

    @property
    def window(self) -> int:
        return self._number("WINDOW()")

    @property
    def epoch_seconds(self) -> int:
        return self._number("EPOCH_SECONDS()")

    @property
    def root(self) -> int:
        """Of all notes inserted so far."""
        return self._number("root()")

    @property
    def balance(self) -> int:
        """Money behind the notes; what is owed to somebody already is not in it."""
        return self._number("escrowed()")

    def is_root(self, root: int) -> bool:
        """Whether the tree ever had this root."""
        return bool(self._number("isRoot(uint256)", root))

    def is_spent(self, nf: int) -> bool:
        """Whether a note was redeemed or refunded; raises ``NonCanonicalNumber`` unless nf is a field element."""
        check_element("nf", nf)
        return bool(self._number("isSpent(uint256)", nf))

    def owed(self, account: int) -> int:
        """Money that ``withdraw`` sends to the account."""
        return self._number("owed(address)", account)

    def deposit(self, inner: int, cap: int, expiry: int) -> PendingNote:
        """Lock the cap's price, from the account of ``rpc``, for the note of ``inner``; errors as ``Settlement``'s."""
        value = self.domain.price(self.domain.units(cap)) if cap >= 0 else 0
        data = abi.call("deposit(uint256,uint256,uint256)", inner, cap, expiry)
        receipt = self.rpc.send(self.address, data, value=value)
        for position, cm in _notes(receipt.logs):
            return PendingNote(cm, position, receipt)
        raise ChainError("the deposit was mined without its event")

    def insert(self, limit: int = MAX_INSERTED) -> TransactionReceipt | None:
        """Put up to ``limit`` of the notes that wait under a root, in one transaction; None when none waits."""
        first = self._number("numInserted()")
        waiting = self._deposited()[first : first + limit]
        if not waiting:
            return None
        return self.rpc.send(self.address, abi.call("insert(uint256[])", waiting))

    def final_leaves(self, first: int = 0) -> list[int]:
        """The notes under the present root from a position on, for a node that keeps a tree of its own."""
        return self._deposited()[first : self._number("numInserted()")]

    def proof(self, cm: int) -> MerkleProof:
        """Membership of a note under the present root.

        Raises:
            MalformedInput: there is no such note.
            NotFinal: it waits to be inserted.
            ChainError: the events do not give the contract's root.
        """
        tree, position = self.tree(), self.position(cm)
        if position >= len(tree):
            raise NotFinal("the note waits to be inserted")
        return tree.proof(position)

    def position(self, cm: int) -> int:
        """Of a note, inserted or not; raises ``MalformedInput`` when there is none."""
        found, position = self._numbers(2, "placeOf(uint256)", cm)
        if not found:
            raise MalformedInput("the note tree does not hold this note")
        return position

    def tree(self) -> MerkleTree:
        """The tree of the inserted notes, brought up to date; raises ``ChainError`` as ``proof``."""
        size = self._number("numInserted()")
        leaves = self._deposited()[:size]
        if self._leaves != leaves[: len(self._leaves)]:  # the chain forgot some, and has others in their place
            self._leaves, self._tree = [], MerkleTree(ARITY, self.domain.depth)
        self._tree.extend(leaves[len(self._leaves) :])
        self._leaves = leaves
        if self._tree.root != self.root:
            raise ChainError("the notes of the contract's events are not those under its root")
        return self._tree

    def commit(self, handle: int) -> int:
        """Record cc of a claim or h of a batch; returns the first epoch in which it was."""
        self.rpc.send(self.address, abi.call("commit(uint256)", handle))
        return self._numbers(2, "firstRecorded(uint256)", handle)[1]

    def redeem(
        self, public_inputs: Sequence[int], context: ClaimContext, proof: Proof, *, gas: int | None = None
    ) -> Paid:
        """Credit a claim's payment, once; errors as ``Settlement.redeem``'s."""
        statement = ClaimStatement.from_public_inputs(public_inputs)
        data = abi.call(REDEEM, tuple(proof_words(proof)), tuple(statement.public_inputs), _words(context))
        return Paid(self.domain.price(statement.amount), self.rpc.send(self.address, data, gas=gas))

    def redeem_batch(
        self, vector: Sequence[int], h: int, context: ClaimContext, proof: Proof, *, gas: int | None = None
    ) -> Paid:
        """Credit a batch's payment, whole and once; errors as ``Settlement.redeem_batch``'s.

        What is wrong with the vector alone is refused here, before any transaction.
        """
        statement = BatchStatement.from_vector(vector, h)
        data = abi.call(REDEEM_BATCH, tuple(proof_words(proof)), h, statement.vector, _words(context))
        return Paid(self.domain.price(statement.total), self.rpc.send(self.address, data, gas=gas))

    def refund(self, request: RefundRequest) -> Paid:
        """Credit the price of an unclaimed note to the request's recipient, once; errors as ``Settlement.refund``'s."""
        x, y = request.public_key
        opening = (x, y, request.payee, request.rho, request.cap, request.expiry)
        signature = request.signature
        data = abi.call(REFUND, opening, request.recipient, tuple(signature.r8), signature.s)
        return Paid(self.domain.price(self.domain.units(request.cap)), self.rpc.send(self.address, data))

    def withdraw(self, account: int) -> TransactionReceipt:
        """Send an account what it is owed; raises ``SettlementRefused`` when it is nothing."""
        return self.rpc.send(self.address, abi.call("withdraw(address)", account))

    def address_of(self, signature: str, *arguments: int) -> str:
        """The contract that a function names."""
        return f"0x{self._number(signature, *arguments):040x}"

    def _deposited(self) -> list[int]:
        """cm of every note, in the order of the tree."""
        notes = _notes(self.rpc.events(self.address, [DEPOSITED], 0))
        if [position for position, _ in notes] != list(range(len(notes))):
            raise ChainError("the contract's deposits are not one after the other")
        return [cm for _, cm in notes]

    def _number(self, signature: str, *arguments: int) -> int:
        """The first word that a function returns."""
        return self._numbers(1, signature, *arguments)[0]

    def _numbers(self, count: int, signature: str, *arguments: int) -> list[int]:
        """The words that a function returns, of which there are ``count`` at least."""
        found = abi.words(self.rpc.call(self.address, abi.call(signature, *arguments)))
        if len(found) < count:
            raise ChainError(f"there is no contract with {signature} at {self.address}")
        return found


def _notes(events: Iterable[Event]) -> list[tuple[int, int]]:
    """(position, cm) of each deposit among the events."""
    try:
        return [(abi.words(data)[0], int(topics[1], 16)) for topics, data in events if topics[0] == DEPOSITED]
    except (IndexError, ValueError) as error:
        raise ChainError("an event of the contract is not one of a deposit") from error


def _words(context: ClaimContext) -> tuple[int, ...]:
    return (context.payout_address, context.relayer, context.relayer_fee)
