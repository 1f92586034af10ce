// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Clock} from "./Clock.sol";
import {NoteTree} from "./NoteTree.sol";
import {Payouts} from "./Payouts.sol";
import {IPoseidon3, IPoseidon5, R, fieldHash} from "./Protocol.sol";
import {isSigned} from "./EddsaPoseidon.sol";

/// @title What was spent, and the notes that nobody claimed
/// @notice A claim's epoch is its note's expiry at most, and it is paid in the window after its own: a refund is paid
/// later than that, and under the same nullifier.
abstract contract Refunds is Clock, NoteTree, Payouts {
    /// What opens a note: the client's key, the payee, the secret, the cap and the expiry.
    struct Opening {
        uint256[2] publicKey;
        uint256 payee;
        uint256 rho;
        uint256 cap;
        uint256 expiry;
    }

    error NullifierSpent();
    error InsufficientEscrow();
    error InvalidSignature();
    error UnknownNote();
    error NotYetRefundable();

    event Refunded(uint256 indexed nf, address recipient, uint256 money);

    uint256 public immutable WINDOW;
    IPoseidon3 public immutable POSEIDON3;
    IPoseidon5 public immutable POSEIDON5;
    uint256 private immutable T_NOTE_KEY = fieldHash("note-key");
    uint256 private immutable T_NULLIFIER = fieldHash("nullifier");
    uint256 private immutable T_REFUND = fieldHash("refund");

    /// Notes that were redeemed or refunded.
    mapping(uint256 => bool) public isSpent;

    constructor(uint256 window, IPoseidon3 poseidon3, IPoseidon5 poseidon5) {
        if (window == 0) revert MalformedSettings();
        WINDOW = window;
        POSEIDON3 = poseidon3;
        POSEIDON5 = poseidon5;
    }

    function noteOf(uint256 inner, uint256 cap, uint256 expiry) public view virtual returns (uint256);

    function priceOf(uint256 cap) public view virtual returns (uint256);

    /// @notice Give the price of an unclaimed note to the recipient whom its client signed for, once.
    /// @param r8 With s the signature by the note's key on P4(T.refund, cm, recipient, 0).
    function refund(Opening calldata note, address recipient, uint256[2] calldata r8, uint256 s) external {
        if (note.payee >= R || note.rho >= R) revert NonCanonicalNumber();
        if (note.cap >> 64 != 0 || note.expiry >> 32 != 0) revert NonCanonicalNumber();
        uint256[2] calldata key = note.publicKey;
        if (key[0] >= R || key[1] >= R) revert InvalidSignature();
        uint256 inner = POSEIDON5.poseidon([T_NOTE_KEY, key[0], key[1], note.payee, note.rho]);
        uint256 cm = noteOf(inner, note.cap, note.expiry);
        (bool found, ) = placeOf(cm);
        if (!found) revert UnknownNote();
        if (epochNow() <= note.expiry + WINDOW) revert NotYetRefundable();
        uint256 message = POSEIDON4.poseidon([T_REFUND, cm, uint256(uint160(recipient)), 0]);
        if (!isSigned(key, message, r8, s, POSEIDON5)) revert InvalidSignature();
        uint256 nf = POSEIDON3.poseidon([T_NULLIFIER, cm, note.rho]);
        _spend(nf);
        uint256 money = priceOf(note.cap);
        _release(money);
        _credit(recipient, money);
        emit Refunded(nf, recipient, money);
    }

    function _spend(uint256 nf) internal {
        if (isSpent[nf]) revert NullifierSpent();
        isSpent[nf] = true;
    }

    /// Take what is paid out of the money behind the notes.
    function _release(uint256 money) internal {
        if (money > escrowed) revert InsufficientEscrow();
        escrowed -= uint192(money);
    }
}
