"""The text of the contract; ``solidity`` fills it in.

Memory (Solidity itself allocates none, so everything from 0x80 on is ours):

    SCALARS    x_1 .. x_n                       public inputs, or their weighted sums
    ALPHA      α          | -β                  four pairs or more, one after the other, as the pairing takes them
    STATEMENT  Σ x_i·IC_i | -γ
    C          C          | -δ
    PROOFS     A          | B                   one such pair for each proof

Arithmetic on a G1 point uses the place of the G2 point behind it, so the key's G2 points are stored last.

What refuses what: the precompiles (EIP-196, EIP-197, EIP-2537) refuse a coordinate that is not below p, a point off
its curve and a point outside its subgroup; the contract refuses an input that is not below r, a point at infinity,
and calldata in any form but the canonical one.  A precompile that fails keeps the gas it was given, all but a 64th,
and does not say whether a point was bad or the gas too little: ``PrecompileFailed`` is both.  On a chain that lacks
the precompile the call "succeeds" and returns nothing, hence the looks at ``returndatasize``: one for each precompile,
at its last call.

Many proofs: the equations are combined with weights w_k of 128 bits, each a hash of the key, of all the calldata and
of k.  The pairings' values lie in a group of prime order r > 2^128.  If proof k is false, then for any choice of the
other weights at most one value of w_k makes the product 1, so each hash that a forger computes helps with probability
2^-128 at most ([BGR98], with a hash in place of the verifier's coins, in the random oracle model).  This needs A_k,
B_k and C_k in the groups, each by itself: A_k and C_k are checked when they are multiplied, B_k by the pairing.
"""

from __future__ import annotations

from string import Template

ERRORS = ("MalformedCalldata", "PublicInputNotInField", "PointAtInfinity", "PrecompileFailed", "ProofInvalid")

DEVELOPMENT_WARNING = """//
// WARNING: this is a DEVELOPMENT key. Whoever made it can forge proofs: no money may depend on this contract.
"""

MULTIPLY_TERMS = "staticcall(gas(), MULTIPLY, add(STATEMENT, G1), $size, add(STATEMENT, G1), G1)"
ADD_TERMS = "staticcall(gas(), ADD, STATEMENT, SUM, STATEMENT, G1)"

CONTRACT = Template(
    """\
// SPDX-License-Identifier: Apache-2.0
// Written by zkrelay export-solidity.
${warning}pragma solidity ^0.8.20;

/// @title Groth16 verifier over $curve for one verifying key
/// @notice Both functions return for true proofs and revert for everything else, too little gas included; neither ever
/// returns false. Anybody can make another proof of the same statement: whoever pays for proofs must remember the
/// statement (such as a nullifier among the inputs), never the proof.
contract $name {
    /// The calldata is not the one encoding of the arguments: too short, too long, or no proof at all.
    error MalformedCalldata();
    /// A public input is r or more.
    error PublicInputNotInField();
    /// A point of the proof has y = 0.
    error PointAtInfinity();
    /// A coordinate is not below p, a point is not on its curve or outside its subgroup, or there was too little gas.
    error PrecompileFailed();
    /// All is well formed, and the proof is false.
    error ProofInvalid();

    /// SHA-256 of the key: alpha, beta, gamma, delta and the IC points, encoded as below.
    bytes32 public constant VERIFYING_KEY_DIGEST = $digest;

    // the order of the groups
    uint256 private constant R = $modulus;
    // bytes of a G1 point, of two, of one with a scalar, of a G1 and a G2 point, of a proof, of the public inputs
    uint256 private constant G1 = $g1_bytes;
    uint256 private constant SUM = $sum_bytes;
    uint256 private constant TERM = $term_bytes;
    uint256 private constant PAIR = $pair_bytes;
    uint256 private constant PROOF = $proof_bytes;
    uint256 private constant INPUTS = $inputs_bytes;
    // places in memory: the scalars, and the pairs of which the product must be one
    uint256 private constant SCALARS = $scalars;
    uint256 private constant ALPHA = $alpha_at;
    uint256 private constant STATEMENT = $statement_at;
    uint256 private constant C = $c_at;
    uint256 private constant PROOFS = $proofs_at;
    // precompiles of $standard
    uint256 private constant ADD = $add;
    uint256 private constant MULTIPLY = $multiply;
    uint256 private constant PAIRING = $pairing;

    /// @notice Return if the proof is true for these public inputs, and revert otherwise.
    /// @param proof A, B and C, as $standard encodes points: G2 is $order.
    /// @param inputs The public inputs, each below r.
    function verifyProof(uint256[$proof_words] calldata proof, uint256[$num_public] calldata inputs) external view {
        assembly {
            function refuse(why) {
                mstore(0x00, why)
                revert(0x1c, 0x04)
            }
            if xor(calldatasize(), add(0x04, add(PROOF, INPUTS))) {
                refuse($error_MalformedCalldata) // MalformedCalldata
            }
            calldatacopy(SCALARS, inputs, INPUTS)
            let ok := 1
            $in_field
            if iszero(ok) { refuse($error_PublicInputNotInField) } // PublicInputNotInField
            // a point of odd order has y = 0 only at infinity
            if $has_infinity {
                refuse($error_PointAtInfinity) // PointAtInfinity
            }
            $store_constant
        }
        _addInputs();
        assembly {
            $store_alpha
            calldatacopy(C, add(proof, PAIR), G1)
            calldatacopy(PROOFS, proof, PAIR)
        }
        _checkProduct(4 * PAIR);
    }

    /// @notice Return if all proofs are true, and revert otherwise, without saying which is false. It is one equation,
    /// and from two proofs on it is cheaper than one by one.
    /// @param proofs The proofs, at least one.
    /// @param inputs The public inputs of each.
    function verifyProofs(uint256[$proof_words][] calldata proofs, uint256[$num_public][] calldata inputs)
        external
        view
    {
        uint256 seed;
        assembly {
            function refuse(why) {
                mstore(0x00, why)
                revert(0x1c, 0x04)
            }
            function multiplied(at, scalar) -> ok {
                mstore(add(at, G1), scalar)
                ok := and(eq(returndatasize(), G1), staticcall(gas(), MULTIPLY, at, TERM, at, G1))
            }
            {
                let count := proofs.length
                let end := add(0x84, mul(count, PROOF))
                let wrong := or(iszero(count), xor(count, inputs.length))
                wrong := or(wrong, or(xor(proofs.offset, 0x64), xor(inputs.offset, end)))
                if or(wrong, xor(calldatasize(), add(end, mul(count, INPUTS)))) {
                    refuse($error_MalformedCalldata) // MalformedCalldata
                }
            }
            // the weights depend on everything: the key, and the whole calldata
            mstore(ALPHA, VERIFYING_KEY_DIGEST)
            calldatacopy(add(ALPHA, 0x20), 0x00, calldatasize())
            seed := keccak256(ALPHA, add(calldatasize(), 0x20))
            let sum := 0
            for { let k := 0 } lt(k, proofs.length) { k := add(k, 1) } {
                mstore(0x00, seed)
                mstore(0x20, k)
                let weight := shr(128, keccak256(0x00, 0x40))
                sum := add(sum, weight)
                let source := add(inputs.offset, mul(k, INPUTS))
                for { let i := 0 } lt(i, INPUTS) { i := add(i, 0x20) } {
                    let x := calldataload(add(source, i))
                    if iszero(lt(x, R)) { refuse($error_PublicInputNotInField) } // PublicInputNotInField
                    mstore(add(SCALARS, i), addmod(mload(add(SCALARS, i)), mulmod(weight, x, R), R))
                }
            }
            $store_constant
            if iszero(multiplied(STATEMENT, sum)) { refuse($error_PrecompileFailed) } // PrecompileFailed
            $store_alpha
            if iszero(multiplied(ALPHA, sum)) { refuse($error_PrecompileFailed) } // PrecompileFailed
        }
        _addInputs();
        assembly {
            function refuse(why) {
                mstore(0x00, why)
                revert(0x1c, 0x04)
            }
            function multiplied(at, scalar) -> ok {
                mstore(add(at, G1), scalar)
                ok := and(eq(returndatasize(), G1), staticcall(gas(), MULTIPLY, at, TERM, at, G1))
            }
            calldatacopy(C, calldatasize(), G1) // zeros: infinity
            for { let k := 0 } lt(k, proofs.length) { k := add(k, 1) } {
                mstore(0x00, seed)
                mstore(0x20, k)
                let weight := shr(128, keccak256(0x00, 0x40))
                let proof := add(proofs.offset, mul(k, PROOF))
                if $has_infinity {
                    refuse($error_PointAtInfinity) // PointAtInfinity
                }
                calldatacopy(add(C, G1), add(proof, PAIR), G1)
                let ok := multiplied(add(C, G1), weight)
                ok := and(ok, and(eq(returndatasize(), G1), staticcall(gas(), ADD, C, SUM, C, G1)))
                let pair := add(PROOFS, mul(k, PAIR))
                calldatacopy(pair, proof, G1)
                ok := and(ok, multiplied(pair, weight))
                if iszero(ok) { refuse($error_PrecompileFailed) } // PrecompileFailed
                calldatacopy(add(pair, G1), add(proof, G1), sub(PAIR, G1))
            }
        }
        _checkProduct((3 + proofs.length) * PAIR);
    }

    // Adds the IC points, each times its scalar, to the point at STATEMENT.
    function _addInputs() private view {
        assembly {
            let ok := 1
            $add_inputs
            if iszero(ok) {
                mstore(0x00, $error_PrecompileFailed) // PrecompileFailed
                revert(0x1c, 0x04)
            }
        }
    }

    // Returns if the product of all pairings is one: those with -beta, -gamma and -delta, and those from PROOFS on.
    function _checkProduct(uint256 size) private view {
        assembly {
            $store_g2
            let ok := and(eq(returndatasize(), 0x20), staticcall(gas(), PAIRING, ALPHA, size, 0x00, 0x20))
            if iszero(ok) {
                mstore(0x00, $error_PrecompileFailed) // PrecompileFailed
                revert(0x1c, 0x04)
            }
            if xor(mload(0x00), 1) {
                mstore(0x00, $error_ProofInvalid) // ProofInvalid
                revert(0x1c, 0x04)
            }
        }
    }
}
"""
)
