// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IPoseidon5, R} from "./Protocol.sol";

// Baby Jubjub, EIP-2494: a x^2 + y^2 = 1 + d x^2 y^2, complete as a is a square and d is none; the order of its prime
// subgroup, and the generator of that.
uint256 constant CURVE_A = 168700;
uint256 constant CURVE_D = 168696;
uint256 constant SUBORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041;
uint256 constant BASE8_X = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
uint256 constant BASE8_Y = 16950150798460657717958625567821834550301663161624707787222815936182638968203;

/// @dev Whether S*B8 = R8 + k*8A for k = P5(R8, A, M), both points are on the curve, 8A is not the neutral element, and
/// S is below the order: the predicate of zkrelay.algebra.eddsa, which besides refuses one in 2^100 of all signatures.
function isSigned(
    uint256[2] calldata a,
    uint256 message,
    uint256[2] calldata r8,
    uint256 s,
    IPoseidon5 poseidon5
) pure returns (bool) {
    if (!isOnCurve(a) || !isOnCurve(r8) || s >= SUBORDER || message >= R) return false;
    uint256 k = poseidon5.poseidon([r8[0], r8[1], a[0], a[1], message]);
    // a running point, then B8, -8A and their sum: each is X, Y, Z
    uint256[12] memory points =
        [uint256(0), 1, 1, BASE8_X, BASE8_Y, 1, a[0] == 0 ? 0 : R - a[0], a[1], 1, BASE8_X, BASE8_Y, 1];
    bool ok;
    assembly {
        // p := p + q, add-2008-bbjlp
        function add_to(p, q) {
            let c := mulmod(mload(p), mload(q), R)
            let d := mulmod(mload(add(p, 0x20)), mload(add(q, 0x20)), R)
            let both := mulmod(add(mload(p), mload(add(p, 0x20))), add(mload(q), mload(add(q, 0x20))), R)
            both := addmod(both, sub(mul(2, R), add(c, d)), R)
            let e := mulmod(mulmod(c, d, R), CURVE_D, R)
            let z := mulmod(mload(add(p, 0x40)), mload(add(q, 0x40)), R)
            let b := mulmod(z, z, R)
            let f := addmod(b, sub(R, e), R)
            let g := addmod(b, e, R)
            mstore(p, mulmod(mulmod(z, f, R), both, R))
            mstore(add(p, 0x20), mulmod(mulmod(z, g, R), addmod(d, sub(R, mulmod(c, CURVE_A, R)), R), R))
            mstore(add(p, 0x40), mulmod(f, g, R))
        }
        // p := 2p, dbl-2008-bbjlp
        function double_it(p) {
            let x := mload(p)
            let y := mload(add(p, 0x20))
            let z := mload(add(p, 0x40))
            let both := add(x, y)
            both := mulmod(both, both, R)
            x := mulmod(x, x, R)
            y := mulmod(y, y, R)
            both := addmod(both, sub(mul(2, R), add(x, y)), R)
            let e := mulmod(x, CURVE_A, R)
            let f := addmod(e, y, R)
            z := mulmod(z, z, R)
            let j := addmod(f, sub(mul(2, R), mul(2, z)), R)
            mstore(p, mulmod(both, j, R))
            mstore(add(p, 0x20), mulmod(f, addmod(e, sub(R, y), R), R))
            mstore(add(p, 0x40), mulmod(f, j, R))
        }
        let minus := add(points, 0xc0)
        double_it(minus)
        double_it(minus)
        double_it(minus)
        let has_large_order := iszero(iszero(mload(minus)))
        add_to(add(points, 0x120), minus)
        for { let i := 254 } i { } {
            i := sub(i, 1)
            double_it(points)
            let which := or(and(shr(i, s), 1), shl(1, and(shr(i, k), 1)))
            if which { add_to(points, add(points, mul(which, 0x60))) }
        }
        let z := mload(add(points, 0x40))
        ok := eq(mload(points), mulmod(calldataload(r8), z, R))
        ok := and(ok, eq(mload(add(points, 0x20)), mulmod(calldataload(add(r8, 0x20)), z, R)))
        ok := and(ok, has_large_order)
    }
    return ok;
}

function isOnCurve(uint256[2] calldata point) pure returns (bool) {
    if (point[0] >= R || point[1] >= R) return false;
    uint256 xx = mulmod(point[0], point[0], R);
    uint256 yy = mulmod(point[1], point[1], R);
    return addmod(mulmod(CURVE_A, xx, R), yy, R) == addmod(1, mulmod(CURVE_D, mulmod(xx, yy, R), R), R);
}
