// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scope} from "../types/Scope.sol";

/// @title The platform's clock and its stop
/// @notice A freeze stops the writes of the parts it names and the clock of all: while anything is frozen ledger time stands
/// still, so no deadline passes. Reads are never stopped.
interface IEmergency {
    event PlatformFrozen(address indexed by, Scope scope, uint64 until, bytes32 reasonDigest, uint64 ledgerTime);
    /// @dev A running freeze was widened or prolonged.
    event FreezeExtended(address indexed by, Scope scope, uint64 until);
    event PlatformUnfrozen(address indexed by, uint64 ledgerTime, uint64 frozenSeconds);
    /// @dev Everything stands still for good; `orderDigest` is of the decision.
    event ExitBegun(bytes32 orderDigest, uint64 ledgerTime);
    /// @dev All parties agreed on the disposal plan: members dispose of their data.
    event DisposalOpened(bytes32 planDigest);

    /// @dev A write was attempted in a part that is frozen since `since` (ledger time).
    error EmergencyPlatformFrozen(uint64 since);
    /// @dev Nothing is frozen.
    error EmergencyNotFrozen();
    error EmergencyScopeInvalid(Scope scope);
    /// @dev A freeze is announced for `minimum` to `maximum` seconds; it ends when it is lifted.
    error EmergencyDurationInvalid(uint32 given, uint32 minimum, uint32 maximum);
    /// @dev A guardian cannot freeze a second time what is frozen already.
    error EmergencyScopeFrozen(Scope scope);
    /// @dev The platform is being wound up: nothing is lifted any more.
    error EmergencyExiting();
    error EmergencyNotExiting();

    /// @notice Stops `scope` at once, or widens a running freeze by it; announced to last `seconds_` from now.
    function freeze(Scope scope, uint32 seconds_, bytes32 reasonDigest) external;

    /// @notice Announces another end of a running freeze: `seconds_` from now.
    function prolong(uint32 seconds_) external;

    function unfreeze() external;

    /// @notice Freezes everything for good.
    function beginExit(bytes32 orderDigest) external;

    /// @notice Lets holders withdraw commitments and record destroyed keys although everything is frozen.
    function openDisposal(bytes32 planDigest) external;

    /// @notice Whether anything is frozen.
    function frozen() external view returns (bool);

    /// @notice What is frozen; the empty set while live.
    function frozenScope() external view returns (Scope);

    /// @notice Announced end of the running freeze in block time; zero while live and during an exit.
    function frozenUntil() external view returns (uint64);

    /// @notice How many freezes there have been, the running one included.
    function freezeCount() external view returns (uint32);

    function exiting() external view returns (bool);

    function disposing() external view returns (bool);

    /// @notice Ledger time: block time in Unix seconds, less all the seconds in which anything stood frozen.
    function time() external view returns (uint64);

    /// @notice Reverts with {EmergencyPlatformFrozen} while `scope` is frozen.
    function requireNotFrozen(Scope scope) external view;

    /// @notice Like {requireNotFrozen}, and passes also once disposal is open.
    function requireDisposable(Scope scope) external view;
}
