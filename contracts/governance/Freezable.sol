// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scope} from "../types/Scope.sol";
import {IEmergency} from "./IEmergency.sol";

/// @title A contract that stops and keeps time with the platform
/// @dev Every function that writes carries {whenNotFrozen}, or {whenDisposable} where it serves a holder's disposal of its own
/// data; every deadline is compared with {_ledgerTime}.
abstract contract Freezable {
    IEmergency private immutable _EMERGENCY;
    Scope private immutable _SCOPE;

    modifier whenNotFrozen() {
        _requireNotFrozen();
        _;
    }

    modifier whenDisposable() {
        _requireDisposable();
        _;
    }

    constructor(IEmergency emergency_, Scope scope_) {
        _EMERGENCY = emergency_;
        _SCOPE = scope_;
    }

    /// @notice The clock and stop this contract obeys.
    function emergency() external view returns (IEmergency) {
        return _EMERGENCY;
    }

    /// @notice The part of the platform with which this contract stops.
    function freezeScope() external view returns (Scope) {
        return _SCOPE;
    }

    /// @dev Reverts unless this is where the contract does its work.
    function _requireInPlace() internal view virtual;

    /// @dev Unix seconds less all the seconds in which anything stood frozen.
    function _ledgerTime() internal view returns (uint64) {
        return _EMERGENCY.time();
    }

    /// @dev A function, so that its code stands once in a contract and not at every modifier.
    function _requireNotFrozen() private view {
        _requireInPlace();
        _EMERGENCY.requireNotFrozen(_SCOPE);
    }

    function _requireDisposable() private view {
        _requireInPlace();
        _EMERGENCY.requireDisposable(_SCOPE);
    }
}
