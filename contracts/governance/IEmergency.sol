// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The platform's clock and its stop
/// @notice While frozen every write of the platform is refused and ledger time stands still, so no deadline passes.
interface IEmergency {
    event PlatformFrozen(address indexed by, bytes32 reasonDigest, uint64 ledgerTime);
    event PlatformUnfrozen(address indexed by, uint64 ledgerTime, uint64 frozenSeconds);

    /// @dev A write was attempted while the platform is frozen since `since` (ledger time).
    error EmergencyPlatformFrozen(uint64 since);
    /// @dev Unfreezing was attempted while the platform is not frozen.
    error EmergencyNotFrozen();

    function freeze(bytes32 reasonDigest) external;

    function unfreeze() external;

    function frozen() external view returns (bool);

    /// @notice Ledger time: block time in Unix seconds, less all the seconds the platform stood frozen.
    function time() external view returns (uint64);

    /// @notice Reverts with {EmergencyPlatformFrozen} while frozen.
    function requireNotFrozen() external view;
}
