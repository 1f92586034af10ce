"""The settlement's rules on an EVM: contracts for one domain's escrow and its nodes' stakes, and a client for them.

rpc        JSON-RPC over HTTP; transactions are signed by the node or the signer behind it
abi        calls as words
refusals   what a contract reverts with, as the error that ``zkrelay.relay.settlement`` raises for it
compiler   solc
contracts  the sources: ours, and the verifiers that zkrelay writes for the keys
deploy     put them on a chain
escrow     ``Escrow``: deposit, insert, commit, redeem, redeem_batch, refund, withdraw
stakes     ``NodeStakes``: register, leave, take, slash
gas        what a session costs, as a table
"""

from .deploy import EscrowRules, deploy_escrow, deploy_stakes
from .escrow import Escrow
from .refusals import ChainError, RevertedWithoutReason
from .rpc import Rpc, TransactionReceipt
from .stakes import NodeStakes

__all__ = [
    "ChainError",
    "Escrow",
    "EscrowRules",
    "NodeStakes",
    "RevertedWithoutReason",
    "Rpc",
    "TransactionReceipt",
    "deploy_escrow",
    "deploy_stakes",
]
