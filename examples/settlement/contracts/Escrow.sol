// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Clock} from "./Clock.sol";
import {NoteTree} from "./NoteTree.sol";
import {Refunds} from "./Refunds.sol";
import {IClaimVerifier, IPoseidon3, IPoseidon4, IPoseidon5, R, fieldHash} from "./Protocol.sol";

/// @title The escrow of one domain: notes are deposited and paid once
/// @notice The rules are those of zkrelay.relay.settlement, and so are the names of the errors. There is no owner and
/// nothing can be changed.
/// @dev Each note has one nullifier, each nullifier is paid once, for the note's cap at most: so claims and refunds take
/// out at most what was put in. No external code runs in between but the pinned verifiers and Poseidon contracts, and
/// these are called without the power to write.
contract Escrow is Refunds {
    struct Settings {
        uint64 treeNo;
        uint32 unit;
        uint128 pricePerUnit;
        uint256 epochSeconds;
        uint32 window;
        uint256 depth;
        IPoseidon3 poseidon3;
        IPoseidon4 poseidon4;
        IPoseidon5 poseidon5;
        IClaimVerifier claimVerifier;
        address[] batchVerifiers;
        uint256[] batchSlots;
    }

    /// Whom a claim pays, and who carries it: what a proof is bound to by aux.
    struct Context {
        address payout;
        address relayer;
        uint256 relayerFee;
    }

    struct BatchKey {
        address verifier;
        bytes4 verifyVector;
    }

    error MalformedInput();
    error OverCap();
    error WrongMoney(uint256 price);
    error Expired();
    error WrongDomain();
    error WrongVenue();
    error WrongContext();
    error FeeTooHigh();
    error UnknownRoot();
    error NotCommitted();
    error InvalidBatch();
    error EntryPointClosed();

    event Deposited(uint256 indexed cm, uint256 position, uint256 cap, uint256 expiry);
    event Redeemed(uint256 indexed nf, uint256 indexed payee, uint256 money);
    event BatchRedeemed(uint256 indexed h, uint256 indexed payee, uint256 count, uint256 money);

    uint256 private constant HEAD = 8; // values of a batch's vector before its nullifiers

    uint256 public immutable DOMAIN;
    uint256 public immutable TREE_NO;
    uint256 public immutable UNIT;
    uint256 public immutable PRICE_PER_UNIT;
    IClaimVerifier public immutable CLAIM_VERIFIER;
    uint256 private immutable T_NOTE = fieldHash("note");

    /// By the length of the vector.
    mapping(uint256 => BatchKey) public batchKeys;

    constructor(Settings memory s)
        Clock(s.epochSeconds)
        NoteTree(s.depth, s.poseidon4)
        Refunds(s.window, s.poseidon3, s.poseidon5)
    {
        if (s.unit == 0 || s.pricePerUnit == 0) revert MalformedSettings();
        if (s.batchVerifiers.length != s.batchSlots.length) revert MalformedSettings();
        bytes memory parts = abi.encodePacked(
            "domain\x00", block.chainid, uint256(uint160(address(this))), uint256(s.treeNo), uint256(1), uint256(s.unit)
        );
        DOMAIN = fieldHash(bytes.concat(parts, bytes32(0))); // mode 0: a chain is a single venue
        TREE_NO = s.treeNo;
        UNIT = s.unit;
        PRICE_PER_UNIT = s.pricePerUnit;
        CLAIM_VERIFIER = s.claimVerifier;
        for (uint256 i = 0; i < s.batchSlots.length; ++i) {
            uint256 length = HEAD + s.batchSlots[i];
            if (s.batchSlots[i] == 0 || s.batchVerifiers[i].code.length == 0) revert MalformedSettings();
            bytes memory signature = bytes.concat("verifyVector(uint256[8],uint256,uint256[", _decimal(length), "])");
            batchKeys[length] = BatchKey(s.batchVerifiers[i], bytes4(keccak256(signature)));
        }
    }

    /// @notice What a note of this cap costs.
    function priceOf(uint256 cap) public view override returns (uint256) {
        return (cap / UNIT) * PRICE_PER_UNIT;
    }

    /// @notice Lock the price of the cap for the note of `inner`; it has to be inserted before it can be claimed.
    function deposit(uint256 inner, uint256 cap, uint256 expiry) external payable returns (uint256 cm, uint256 position) {
        if (cap < UNIT || cap >> 64 != 0) revert OverCap();
        if (expiry >> 32 != 0) revert MalformedInput();
        if (inner >= R) revert NonCanonicalNumber();
        if (msg.value != priceOf(cap)) revert WrongMoney(priceOf(cap));
        if (expiry < epochNow()) revert Expired();
        cm = noteOf(inner, cap, expiry);
        position = _append(cm);
        escrowed += uint192(msg.value);
        emit Deposited(cm, position, cap, expiry);
    }

    /// @notice cm of a note: the leaf of the tree.
    function noteOf(uint256 inner, uint256 cap, uint256 expiry) public view override returns (uint256) {
        return POSEIDON5.poseidon([T_NOTE, DOMAIN, inner, cap, expiry]);
    }

    /// @notice Pay a claim, once.
    /// @param statement domain, root, payee, meta, nf, cc, aux, with meta = amount + 2^64 epoch + 2^96 venue
    function redeem(uint256[8] calldata proof, uint256[7] calldata statement, Context calldata context) external {
        uint256 meta = statement[3];
        uint256 amount = uint64(meta);
        uint256 epoch = uint32(meta >> 64);
        if (amount == 0 || meta >> 128 != 0) revert MalformedInput();
        uint256 money = _checkBorder(statement[0], meta >> 96, statement[6], amount, context);
        CLAIM_VERIFIER.verifyProof(proof, statement);
        _checkRootAndEpoch(statement[1], epoch, statement[5]);
        _spend(statement[4]);
        _pay(money, context);
        emit Redeemed(statement[4], statement[2], money);
    }

    /// @notice Pay a batch, whole and once.
    /// @param h The prover's hash of the vector, and what `commit` recorded.
    /// @param v domain, root, epoch, venue, payee, total, count, aux, and a nullifier for each slot
    function redeemBatch(uint256[8] calldata proof, uint256 h, uint256[] calldata v, Context calldata context) external {
        BatchKey memory key = batchKeys[v.length];
        if (key.verifier == address(0)) revert EntryPointClosed();
        uint256 count = v[6];
        if (v[2] >> 32 != 0 || v[3] >> 32 != 0) revert MalformedInput();
        if (count == 0 || count > v.length - HEAD) revert InvalidBatch();
        if (v[5] < count || v[5] >= count << 64) revert InvalidBatch();
        uint256 money = _checkBorder(v[0], v[3], v[7], v[5], context);
        _verifyVector(key, proof, h, v);
        _checkRootAndEpoch(v[1], v[2], h);
        unchecked {
            uint256 end = HEAD + count;
            for (uint256 i = HEAD; i < end; ++i) {
                if (v[i] == 0) revert InvalidBatch();
                _spend(v[i]); // one by one: of two slots with one note the second is refused
            }
            for (uint256 i = end; i < v.length; ++i) {
                if (v[i] != 0) revert InvalidBatch();
            }
        }
        _pay(money, context);
        emit BatchRedeemed(h, v[4], count, money);
    }

    /// @notice aux of a context.
    function auxOf(Context calldata context) public pure returns (uint256) {
        bytes32 payout = bytes32(uint256(uint160(context.payout)));
        bytes32 relayer = bytes32(uint256(uint160(context.relayer)));
        return fieldHash(bytes.concat("claim-ctx\x00", payout, relayer, bytes32(context.relayerFee)));
    }

    /// What a statement says about this escrow and the call's own fields must be true; returns the money for the units.
    function _checkBorder(uint256 domain, uint256 venue, uint256 aux, uint256 units, Context calldata context)
        private
        view
        returns (uint256 money)
    {
        if (domain != DOMAIN) revert WrongDomain();
        if (venue != 0) revert WrongVenue();
        if (aux != auxOf(context)) revert WrongContext();
        money = units * PRICE_PER_UNIT;
        if (context.relayerFee > money) revert FeeTooHigh();
    }

    /// A claim without a commitment is of this epoch or the last; one with its handle recorded by then has the window.
    function _checkRootAndEpoch(uint256 known, uint256 epoch, uint256 handle) private view {
        if (!isRoot[known]) revert UnknownRoot();
        uint256 present = epochNow();
        if (epoch <= present && present <= epoch + 1) return;
        (bool recorded, uint256 first) = firstRecorded(handle);
        if (!recorded || first > epoch) revert NotCommitted();
        if (present > epoch + WINDOW) revert Expired();
    }

    /// Reverts as the verifier does. A verifier has code, as the constructor saw, and no way to lose it.
    function _verifyVector(BatchKey memory key, uint256[8] calldata proof, uint256 h, uint256[] calldata v) private view {
        (bool ok, bytes memory why) = key.verifier.staticcall(abi.encodePacked(key.verifyVector, proof, h, v));
        if (!ok) {
            assembly {
                revert(add(why, 0x20), mload(why))
            }
        }
    }

    function _pay(uint256 money, Context calldata context) private {
        _release(money);
        _credit(context.payout, money - context.relayerFee);
        _credit(context.relayer, context.relayerFee);
    }

    function _decimal(uint256 number) private pure returns (bytes memory digits) {
        for (; number != 0; number /= 10) digits = bytes.concat(bytes1(uint8(0x30 + (number % 10))), digits);
    }
}
