// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEmergency} from "./IEmergency.sol";

/// @title A contract that stops and keeps time with the platform
/// @dev Every function that writes carries {whenNotFrozen}; every deadline is compared with {_ledgerTime}.
abstract contract Freezable {
    IEmergency private immutable _EMERGENCY;

    modifier whenNotFrozen() {
        _EMERGENCY.requireNotFrozen();
        _;
    }

    constructor(IEmergency emergency_) {
        _EMERGENCY = emergency_;
    }

    /// @notice The clock and stop this contract obeys.
    function emergency() external view returns (IEmergency) {
        return _EMERGENCY;
    }

    /// @dev Unix seconds less all the seconds the platform stood frozen.
    function _ledgerTime() internal view returns (uint64) {
        return _EMERGENCY.time();
    }
}
