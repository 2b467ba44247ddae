// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEmergency} from "./IEmergency.sol";

/// @title The platform's clock and its stop
/// @notice Ledger time runs with block time while the platform is live and stands still while it is frozen, so that no
/// deadline can pass during a freeze. All deadlines of all contracts are in ledger time. Reads are never stopped.
contract Emergency is IEmergency, AccessManaged {
    /// @dev Block time of the running freeze; zero while live.
    uint64 private _frozenSince;
    /// @dev Seconds of all freezes that are over.
    uint64 private _frozenSeconds;

    constructor(address authority_) AccessManaged(authority_) {}

    /// @inheritdoc IEmergency
    function freeze(bytes32 reasonDigest) external restricted {
        requireNotFrozen();
        _frozenSince = uint64(block.timestamp);
        emit PlatformFrozen(_msgSender(), reasonDigest, time());
    }

    /// @inheritdoc IEmergency
    function unfreeze() external restricted {
        uint64 since = _frozenSince;
        if (since == 0) revert EmergencyNotFrozen();
        uint64 lasted = uint64(block.timestamp) - since;
        _frozenSince = 0;
        _frozenSeconds += lasted;
        emit PlatformUnfrozen(_msgSender(), time(), lasted);
    }

    /// @inheritdoc IEmergency
    function frozen() public view returns (bool) {
        return _frozenSince != 0;
    }

    /// @inheritdoc IEmergency
    function time() public view returns (uint64) {
        uint64 since = _frozenSince;
        return (since == 0 ? uint64(block.timestamp) : since) - _frozenSeconds;
    }

    /// @inheritdoc IEmergency
    function requireNotFrozen() public view {
        if (frozen()) revert EmergencyPlatformFrozen(time());
    }
}
