// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IWithdraw {
    function withdraw(address account) external;
}

/// @title Fetches what it is owed, and asks for it again from inside the payment
contract Reentrant {
    IWithdraw private immutable ESCROW;
    bytes private call;
    uint256 public times;
    uint256 public succeeded;

    constructor(IWithdraw escrow) {
        ESCROW = escrow;
    }

    /// What to call back with, besides withdraw.
    function arm(bytes calldata data) external {
        call = data;
    }

    receive() external payable {
        ++times;
        if (times > 3) return;
        (bool again, ) = address(ESCROW).call(abi.encodeCall(IWithdraw.withdraw, (address(this))));
        if (again) ++succeeded;
        (bool other, ) = address(ESCROW).call(call);
        if (other) ++succeeded;
    }
}

/// @title Takes no money
contract Refusing {
    uint256 public nothing;
}
