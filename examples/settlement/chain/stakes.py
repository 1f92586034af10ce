"""The contract of a domain's stakes, with the arguments and errors of ``zkrelay.relay.settlement.stakes``."""

from __future__ import annotations

from typing import NamedTuple

from zkrelay.evm.words import proof_words
from zkrelay.groth16 import Proof

from . import abi
from .refusals import ChainError
from .rpc import Rpc, TransactionReceipt


class Stake(NamedTuple):
    """``exit_epoch`` is None until its owner asks for it; a payee without a stake has an amount of 0."""

    account: int
    epoch: int
    exit_epoch: int | None
    amount: int


class NodeStakes:
    """A client of the contract at an address."""

    def __init__(self, rpc: Rpc, address: str) -> None:
        self.rpc = rpc
        self.address = address

    @property
    def epoch(self) -> int:
        return self._numbers(1, "epochNow()")[0]

    def stake(self, payee: int) -> Stake:
        account, epoch, exit_plus_one, amount = self._numbers(4, "stakes(uint256)", payee)
        return Stake(account, epoch, exit_plus_one - 1 if exit_plus_one else None, amount)

    def owed(self, account: int) -> int:
        return self._numbers(1, "owed(address)", account)[0]

    def register(self, payee: int, address: int, amount: int, proof: Proof) -> TransactionReceipt:
        """Stake ``amount`` out of the account of ``rpc``, to go back to ``address``."""
        data = abi.call("register(uint256,address,uint256[8])", payee, address, tuple(proof_words(proof)))
        return self.rpc.send(self.address, data, value=amount)

    def leave(self, payee: int, proof: Proof) -> TransactionReceipt:
        """Ask for the stake; it is free after the lock."""
        return self.rpc.send(self.address, abi.call("askToLeave(uint256,uint256[8])", payee, tuple(proof_words(proof))))

    def take(self, payee: int) -> TransactionReceipt:
        """Credit a free stake to its address, for ``withdraw``."""
        return self.rpc.send(self.address, abi.call("take(uint256)", payee))

    def commit(self, handle: int) -> TransactionReceipt:
        """Record a slasher's handle (``zkrelay.relay.slash.slash_handle``), an epoch before ``slash``."""
        return self.rpc.send(self.address, abi.call("commit(uint256)", handle))

    def slash(self, payee: int, secret: int, slasher: int, salt: int) -> TransactionReceipt:
        """Credit the slasher's part of the stake, and burn the rest."""
        return self.rpc.send(
            self.address, abi.call("slash(uint256,uint256,address,uint256)", payee, secret, slasher, salt)
        )

    def withdraw(self, account: int) -> TransactionReceipt:
        """Send an account what it is owed."""
        return self.rpc.send(self.address, abi.call("withdraw(address)", account))

    def _numbers(self, count: int, signature: str, *arguments: int) -> list[int]:
        found = abi.words(self.rpc.call(self.address, abi.call(signature, *arguments)))
        if len(found) != count:
            raise ChainError(f"there is no contract with {signature} at {self.address}")
        return found
