// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Money that belongs to somebody already, and is fetched in a transaction of its own
/// @notice Nobody who is paid can make a payment fail, nor call back into one.
abstract contract Payouts {
    error NothingOwed();
    /// The account did not take the money; it is still owed.
    error TransferFailed();

    event Withdrawn(address indexed account, uint256 money);

    mapping(address => uint256) public owed;

    function _credit(address account, uint256 money) internal {
        if (money != 0) owed[account] += money;
    }

    /// @notice Send an account what it is owed. Anybody may ask for it.
    function withdraw(address account) external {
        uint256 money = owed[account];
        if (money == 0) revert NothingOwed();
        owed[account] = 0;
        emit Withdrawn(account, money);
        (bool taken, ) = account.call{value: money}("");
        if (!taken) revert TransferFailed();
    }
}
