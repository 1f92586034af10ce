// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {R} from "./Protocol.sol";

/// @title Epochs of the chain's time, and what was recorded in which: commit now, prove or reveal later
abstract contract Clock {
    error MalformedSettings();
    /// A number that stands for a field element is r or more.
    error NonCanonicalNumber();

    event Committed(uint256 indexed handle, uint256 epoch);

    uint256 public immutable EPOCH_SECONDS;
    // the epoch plus one; 0 for what was not recorded
    mapping(uint256 => uint256) private _recorded;

    constructor(uint256 epochSeconds) {
        if (epochSeconds == 0) revert MalformedSettings();
        EPOCH_SECONDS = epochSeconds;
    }

    function epochNow() public view returns (uint256) {
        return block.timestamp / EPOCH_SECONDS;
    }

    /// @notice Record a handle; anybody may record anything, and only the first time counts.
    /// @return first The epoch in which it was recorded first.
    function commit(uint256 handle) external returns (uint256 first) {
        if (handle >= R) revert NonCanonicalNumber();
        if (_recorded[handle] == 0) {
            _recorded[handle] = epochNow() + 1;
            emit Committed(handle, epochNow());
        }
        return _recorded[handle] - 1;
    }

    /// @return Whether the handle was recorded, and its first epoch.
    function firstRecorded(uint256 handle) public view returns (bool, uint256) {
        uint256 found = _recorded[handle];
        return found == 0 ? (false, 0) : (true, found - 1);
    }
}
