// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EVERYTHING, Scope} from "../types/Scope.sol";
import {IEmergency} from "./IEmergency.sol";

/// @title The platform's clock and its stop
/// @notice Ledger time runs with block time while the platform is live and stands still while any part of it is frozen, so
/// that no deadline can pass during a freeze. All deadlines of all contracts are in ledger time; the members' delay of the
/// constitution is in block time, so that a fault can be mended during a freeze. Reads are never stopped.
///
/// One guardian may freeze; lifting needs two of the staff, or, when the announced end has passed, the members' council.
/// Exit is a freeze that nobody lifts.
contract Emergency is IEmergency, AccessManaged {
    uint32 public constant MINIMUM_FREEZE = 1 hours;
    uint32 public constant MAXIMUM_FREEZE = 7 days;

    Scope private _scope;
    bool private _exiting;
    bool private _disposing;
    uint32 private _freezeCount;
    /// @dev Block time of the running freeze; zero while live.
    uint64 private _frozenSince;
    uint64 private _frozenUntil;
    /// @dev Seconds of all freezes that are over.
    uint64 private _frozenSeconds;

    constructor(address authority_) AccessManaged(authority_) {}

    /// @inheritdoc IEmergency
    function freeze(Scope scope, uint32 seconds_, bytes32 reasonDigest) external restricted {
        if (Scope.unwrap(scope) == 0 || !(scope | EVERYTHING == EVERYTHING)) revert EmergencyScopeInvalid(scope);
        uint64 until = _endAfter(seconds_);
        if (_frozenSince == 0) {
            _start(scope, until);
            emit PlatformFrozen(_msgSender(), scope, until, reasonDigest, time());
            return;
        }
        // A guardian may widen a freeze, not keep it going: that takes two ({prolong}).
        Scope wider = _scope | scope;
        if (wider == _scope) revert EmergencyScopeFrozen(_scope);
        _scope = wider;
        emit FreezeExtended(_msgSender(), wider, _frozenUntil);
    }

    /// @inheritdoc IEmergency
    function prolong(uint32 seconds_) external restricted {
        _requireLiftable();
        _frozenUntil = _endAfter(seconds_);
        emit FreezeExtended(_msgSender(), _scope, _frozenUntil);
    }

    /// @inheritdoc IEmergency
    function unfreeze() external restricted {
        _requireLiftable();
        uint64 lasted = uint64(block.timestamp) - _frozenSince;
        _frozenSince = 0;
        _frozenUntil = 0;
        _scope = Scope.wrap(0);
        _frozenSeconds += lasted;
        emit PlatformUnfrozen(_msgSender(), time(), lasted);
    }

    /// @inheritdoc IEmergency
    function beginExit(bytes32 orderDigest) external restricted {
        if (_exiting) revert EmergencyExiting();
        _exiting = true;
        if (_frozenSince == 0) _start(EVERYTHING, 0);
        _scope = EVERYTHING;
        _frozenUntil = 0;
        emit ExitBegun(orderDigest, time());
    }

    /// @inheritdoc IEmergency
    function openDisposal(bytes32 planDigest) external restricted {
        if (!_exiting) revert EmergencyNotExiting();
        _disposing = true;
        emit DisposalOpened(planDigest);
    }

    /// @inheritdoc IEmergency
    function frozenScope() external view returns (Scope) {
        return _scope;
    }

    /// @inheritdoc IEmergency
    function frozenUntil() external view returns (uint64) {
        return _frozenUntil;
    }

    /// @inheritdoc IEmergency
    function freezeCount() external view returns (uint32) {
        return _freezeCount;
    }

    /// @inheritdoc IEmergency
    function exiting() external view returns (bool) {
        return _exiting;
    }

    /// @inheritdoc IEmergency
    function disposing() external view returns (bool) {
        return _disposing;
    }

    /// @inheritdoc IEmergency
    function requireDisposable(Scope scope) external view {
        if (!_disposing) requireNotFrozen(scope);
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
    function requireNotFrozen(Scope scope) public view {
        if (_scope.includes(scope)) revert EmergencyPlatformFrozen(time());
    }

    function _start(Scope scope, uint64 until) private {
        _scope = scope;
        _frozenSince = uint64(block.timestamp);
        _frozenUntil = until;
        ++_freezeCount;
    }

    function _requireLiftable() private view {
        if (_frozenSince == 0) revert EmergencyNotFrozen();
        if (_exiting) revert EmergencyExiting();
    }

    function _endAfter(uint32 seconds_) private view returns (uint64) {
        if (seconds_ < MINIMUM_FREEZE || seconds_ > MAXIMUM_FREEZE) {
            revert EmergencyDurationInvalid(seconds_, MINIMUM_FREEZE, MAXIMUM_FREEZE);
        }
        return uint64(block.timestamp) + seconds_;
    }
}
