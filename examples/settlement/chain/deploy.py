"""Put an escrow, or the stakes of a domain, on a chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zkrelay.errors import DevelopmentKeyRefused, MalformedInput
from zkrelay.evm import poseidon_code
from zkrelay.groth16 import VerifyingKey
from zkrelay.relay.domain import MEBIBYTE
from zkrelay.relay.settlement import DEFAULT_WINDOW, StakeRules

from . import abi
from .contracts import CLAIM_VERIFIER, REGISTRATION_VERIFIER, batch_names
from .escrow import Escrow
from .rpc import Rpc
from .stakes import NodeStakes

ESCROW, STAKES = "Escrow", "NodeStakes"


@dataclass(frozen=True)
class EscrowRules:
    """What the escrow's contract is created with, besides keys; see ``Domain`` and ``Settlement``."""

    tree_no: int = 1
    unit: int = MEBIBYTE
    price_per_unit: int = 1
    epoch_seconds: int = 3600
    window: int = DEFAULT_WINDOW
    depth: int = 10


@dataclass
class _Deployer:
    rpc: Rpc
    code: Mapping[str, bytes]
    gas: dict[str, int] = field(default_factory=dict)

    def create(self, name: str, arguments: bytes = b"", code: bytes | None = None) -> int:
        """The address, as a number."""
        if code is None and name not in self.code:
            raise MalformedInput(f"the contract {name} is not among those compiled")
        address, receipt = self.rpc.create((self.code[name] if code is None else code) + arguments)
        self.gas[name] = receipt.gas_used
        return int(address, 16)

    def poseidon(self, num_inputs: int) -> int:
        return self.create(f"Poseidon{num_inputs}", code=poseidon_code(num_inputs))


def deploy_escrow(
    rpc: Rpc,
    code: Mapping[str, bytes],
    rules: EscrowRules,
    claim_key: VerifyingKey,
    batch_keys: Mapping[int, VerifyingKey] | None = None,
    *,
    allow_development: bool = False,
) -> Escrow:
    """Create the Poseidon contracts, the verifiers and the escrow; ``code`` is of ``sources`` for the same keys.

    Raises:
        DevelopmentKeyRefused: a key is a development key and this was not allowed.
        MalformedInput: a contract was not compiled, or refuses the rules.
        ChainError: as ``Rpc.send``.
    """
    batch_keys = batch_keys or {}
    _check_keys([claim_key, *batch_keys.values()], allow_development)
    deployer = _Deployer(rpc, code)
    poseidons = [deployer.poseidon(num_inputs) for num_inputs in (3, 4, 5)]
    claim = deployer.create(CLAIM_VERIFIER)
    batches = {}
    for num_slots in batch_keys:
        verifier, vector = batch_names(num_slots)
        batches[num_slots] = deployer.create(vector, abi.encode([deployer.create(verifier)]))
    numbers = (rules.tree_no, rules.unit, rules.price_per_unit, rules.epoch_seconds, rules.window, rules.depth)
    settings = abi.encode([*numbers, *poseidons, claim, list(batches.values()), list(batches)])
    address = deployer.create(ESCROW, abi.encode([32]) + settings)
    return Escrow(rpc, f"0x{address:040x}", deployment_gas=deployer.gas)


def deploy_stakes(
    rpc: Rpc,
    code: Mapping[str, bytes],
    domain: int,
    registration_key: VerifyingKey,
    rules: StakeRules | None = None,
    *,
    venue: int = 0,
    epoch_seconds: int = 3600,
    allow_development: bool = False,
) -> NodeStakes:
    """Create the stakes of the domain with this field element; raises as ``deploy_escrow``."""
    rules = rules or StakeRules()
    _check_keys([registration_key], allow_development)
    deployer = _Deployer(rpc, code)
    parts = (domain, venue, rules.minimum, rules.lock, rules.burn_percent, epoch_seconds)
    contracts = (deployer.poseidon(2), deployer.create(REGISTRATION_VERIFIER))
    address = deployer.create(STAKES, abi.encode([*parts, *contracts]))
    return NodeStakes(rpc, f"0x{address:040x}")


def _check_keys(keys: Iterable[VerifyingKey], allow_development: bool) -> None:
    if not allow_development and any(key.development for key in keys):
        raise DevelopmentKeyRefused("the verifying key has no ceremony behind it: whoever made it can forge claims")
