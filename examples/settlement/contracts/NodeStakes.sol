// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Clock} from "./Clock.sol";
import {Payouts} from "./Payouts.sol";
import {IPoseidon2, IRegistrationVerifier, R, fieldHash} from "./Protocol.sol";

/// @title The stakes of a domain's nodes, to be lost by whoever claims a note twice
/// @notice The rules of zkrelay.relay.settlement.stakes. The money behind the notes lies elsewhere. Two claims of one note
/// with different shares give the node's secret away (zkrelay.relay.slash.recover); the secret convicts here.
contract NodeStakes is Clock, Payouts {
    struct Settings {
        uint256 domain;
        uint32 venue;
        uint192 minimum;
        uint32 lock;
        uint8 burnPercent;
        uint256 epochSeconds;
        IPoseidon2 poseidon2;
        IRegistrationVerifier verifier;
    }

    /// `exitEpoch` is one more than the epoch in which the owner asked for it, 0 before.
    struct Stake {
        address account;
        uint32 epoch;
        uint40 exitEpoch;
        uint256 amount;
    }

    error DuplicateStake();
    error UnknownStake();
    error StakeTooSmall();
    error StakeLocked();
    error WrongEvidence();
    error NotCommitted();

    event Registered(uint256 indexed payee, address account, uint256 amount);
    event Leaving(uint256 indexed payee, uint256 epoch);
    event Returned(uint256 indexed payee, uint256 amount);
    event Slashed(uint256 indexed payee, address slasher, uint256 reward, uint256 burnt);

    uint256 public immutable DOMAIN;
    uint256 public immutable VENUE;
    uint256 public immutable MINIMUM;
    uint256 public immutable LOCK;
    uint256 public immutable BURN_PERCENT;
    IPoseidon2 public immutable POSEIDON2;
    IRegistrationVerifier public immutable VERIFIER;
    uint256 private immutable T_NODE_ID = fieldHash("node-id");

    mapping(uint256 => Stake) public stakes;

    constructor(Settings memory s) Clock(s.epochSeconds) {
        if (s.domain >= R || s.minimum == 0 || s.lock < 2) revert MalformedSettings();
        if (s.burnPercent == 0 || s.burnPercent > 100) revert MalformedSettings();
        DOMAIN = s.domain;
        VENUE = s.venue;
        MINIMUM = s.minimum;
        LOCK = s.lock;
        BURN_PERCENT = s.burnPercent;
        POSEIDON2 = s.poseidon2;
        VERIFIER = s.verifier;
    }

    /// @notice Hold the money sent along for `payee`; it goes back to `account`.
    /// @param proof Of the payee's secret, bound to the account and the amount: nobody can put another account in.
    function register(uint256 payee, address account, uint256[8] calldata proof) external payable {
        if (payee >= R) revert NonCanonicalNumber();
        if (msg.value < MINIMUM) revert StakeTooSmall();
        bytes32 to = bytes32(uint256(uint160(account)));
        uint256 aux = fieldHash(bytes.concat("stake-in\x00", bytes32(DOMAIN), bytes32(payee), to, bytes32(msg.value)));
        VERIFIER.verifyProof(proof, [payee, aux]);
        if (stakes[payee].amount != 0) revert DuplicateStake();
        stakes[payee] = Stake(account, uint32(epochNow()), 0, msg.value);
        emit Registered(payee, account, msg.value);
    }

    /// @notice Ask for the stake of `payee`, which is free LOCK epochs later; asking again changes nothing.
    function askToLeave(uint256 payee, uint256[8] calldata proof) external {
        Stake storage stake = _stake(payee);
        bytes memory context = abi.encodePacked("stake-out\x00", DOMAIN, payee, uint256(stake.epoch), VENUE);
        VERIFIER.verifyProof(proof, [payee, fieldHash(context)]);
        if (stake.exitEpoch == 0) {
            stake.exitEpoch = uint40(epochNow() + 1);
            emit Leaving(payee, epochNow());
        }
    }

    /// @notice Let the account of `payee` have the stake; anybody may ask for it.
    function take(uint256 payee) external {
        Stake memory stake = _stake(payee);
        if (stake.exitEpoch == 0 || epochNow() < stake.exitEpoch - 1 + LOCK) revert StakeLocked();
        delete stakes[payee];
        _credit(stake.account, stake.amount);
        emit Returned(payee, stake.amount);
    }

    /// @notice Take the stake of a node whose secret came to light: part for the slasher, part burnt.
    /// @dev `commit` must have recorded the hash of exactly these values in an earlier epoch: who sees them here is late.
    function slash(uint256 payee, uint256 secret, address slasher, uint256 salt) external {
        if (payee >= R || secret >= R) revert NonCanonicalNumber();
        if (POSEIDON2.poseidon([T_NODE_ID, secret]) != payee) revert WrongEvidence();
        bytes32 to = bytes32(uint256(uint160(slasher)));
        (bool recorded, uint256 first) = firstRecorded(
            fieldHash(bytes.concat("slash\x00", bytes32(DOMAIN), bytes32(payee), bytes32(secret), to, bytes32(salt)))
        );
        if (!recorded || first >= epochNow()) revert NotCommitted();
        uint256 amount = _stake(payee).amount;
        uint256 burnt = (amount * BURN_PERCENT + 99) / 100;
        delete stakes[payee];
        _credit(slasher, amount - burnt);
        emit Slashed(payee, slasher, amount - burnt, burnt);
        (bool gone, ) = address(0).call{value: burnt}("");
        if (!gone) revert TransferFailed();
    }

    function _stake(uint256 payee) private view returns (Stake storage stake) {
        stake = stakes[payee];
        if (stake.amount == 0) revert UnknownStake();
    }
}
