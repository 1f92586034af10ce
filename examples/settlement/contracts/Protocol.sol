// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @dev The order of BN254's groups: of the field that every statement is about.
uint256 constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

/// @dev The contracts of zkrelay.evm.poseidon_code; they revert for an input that is not below R.
interface IPoseidon2 {
    function poseidon(uint256[2] calldata inputs) external pure returns (uint256);
}

interface IPoseidon3 {
    function poseidon(uint256[3] calldata inputs) external pure returns (uint256);
}

interface IPoseidon4 {
    function poseidon(uint256[4] calldata inputs) external pure returns (uint256);
}

interface IPoseidon5 {
    function poseidon(uint256[5] calldata inputs) external pure returns (uint256);
}

/// @dev The contracts of zkrelay.evm.render_verifier: they return for a true proof, and revert for everything else.
interface IClaimVerifier {
    function VERIFYING_KEY_DIGEST() external view returns (bytes32);
    function verifyProof(uint256[8] calldata proof, uint256[7] calldata inputs) external view;
}

interface IRegistrationVerifier {
    function VERIFYING_KEY_DIGEST() external view returns (bytes32);
    function verifyProof(uint256[8] calldata proof, uint256[2] calldata inputs) external view;
}

/// @dev SHA-256 of "zkrelay/v1/", a name, and what follows it, as an element of the field. A name is followed by a zero
/// byte and words (a hash to the field) or by nothing (a tag).
function fieldHash(bytes memory named) pure returns (uint256) {
    return uint256(sha256(bytes.concat("zkrelay/v1/", named))) % R;
}
