"""A contract for the statements of ``algebra.compression``, such as a batch of claims: it is given h and the vector v.

It computes alpha and e from them, as ``challenge`` and ``evaluate`` do, and asks the key's own verifier about the
three.  What v means, such as which nullifiers are spent and that no two of them are equal, is the business of who
calls it.
"""

from __future__ import annotations

from string import Template

from ..algebra.compression import MAX_SLOTS
from ..errors import MalformedInput
from ..groth16.keys import VerifyingKey
from .solidity import DEFAULT_NAME, check_name
from .words import MACHINES, key_digest

CURVE = "bn254"  # alpha and e are elements of its scalar field
NUM_PUBLIC = 3  # h, alpha, e
MAX_LENGTH = MAX_SLOTS
ERRORS = ("AnotherKey", "ElementNotInField", "MalformedCalldata")

CONTRACT = Template(
    """\

interface I$verifier {
    function VERIFYING_KEY_DIGEST() external view returns (bytes32);
    function verifyProof(uint256[$proof_words] calldata proof, uint256[3] calldata inputs) external view;
}

/// @title Verifier of statements about a vector of $length values, of which the proof sees three numbers
contract $name {
    /// The verifier is for another key than this contract.
    error AnotherKey();
    /// A value of the vector is r or more.
    error ElementNotInField(uint256 index);
    /// The calldata is longer than the arguments.
    error MalformedCalldata();

    uint256 private constant R = $modulus;
    bytes32 private constant DIGEST = $digest;
    I$verifier public immutable VERIFIER;

    constructor(I$verifier verifier) {
        if (verifier.VERIFYING_KEY_DIGEST() != DIGEST) revert AnotherKey();
        VERIFIER = verifier;
    }

    /// @notice Return if the proof is true for this vector, and revert otherwise, as the verifier does.
    /// @param proof As verifyProof takes it.
    /// @param h The prover's hash of the vector; it is not compared with v here: for another h the proof is false.
    /// @param v The vector, each value below r.
    function verifyVector(uint256[$proof_words] calldata proof, uint256 h, uint256[$length] calldata v) external view {
        if (msg.data.length != $calldata_bytes) revert MalformedCalldata();
        uint256 alpha = uint256(sha256(abi.encodePacked("zkrelay/v1/alpha\\x00", h, v))) % R;
        uint256 e = 0;
        for (uint256 i = $length; i > 0; ) {
            unchecked {
                --i;
            }
            uint256 value = v[i];
            if (value >= R) revert ElementNotInField(i);
            e = addmod(mulmod(e, alpha, R), value, R);
        }
        VERIFIER.verifyProof(proof, [h, alpha, e]);
    }
}
"""
)


def render_compressed_verifier(
    key: VerifyingKey, length: int, *, verifier: str = DEFAULT_NAME, name: str = "VectorVerifier"
) -> str:
    """The source of the contract ``name`` for vectors of ``length``, to stand behind ``render_verifier``'s in a file.

    The constructor takes the address of the key's contract, called ``verifier``, and refuses that of another key.

    Raises:
        MalformedInput: a name as in ``render_verifier``, a length outside [1, ``MAX_LENGTH``], or a key that is not
            over BN254 with three public inputs.
    """
    check_name(verifier)
    check_name(name, ERRORS)
    if name in (verifier, f"I{verifier}"):
        raise MalformedInput(f"{name} is the name of both contracts")
    if key.curve != CURVE or key.num_public != NUM_PUBLIC:
        found = f"this one is over {key.curve} with {key.num_public}"
        raise MalformedInput(f"the key of a batch is over {CURVE} with {NUM_PUBLIC} public inputs; {found}")
    if not 1 <= length <= MAX_LENGTH:
        raise MalformedInput(f"a vector has 1 to {MAX_LENGTH} values, not {length}")
    words = MACHINES[CURVE].proof_words
    return CONTRACT.substitute(
        verifier=verifier,
        name=name,
        proof_words=words,
        length=length,
        calldata_bytes=4 + 32 * (words + 1 + length),
        modulus=hex(key.fr.modulus),
        digest=f"0x{key_digest(key).hex()}",
    )
