// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {RULES} from "../types/Scope.sol";
import {Governed} from "./Governed.sol";
import {IEmergency} from "./IEmergency.sol";
import {IPlatformParameters} from "./IPlatformParameters.sol";

/// @title What is governed by number or by switch
/// @notice Keeps the epoch calendar: a list of periods within which all epochs have one length. A change of length opens a
/// new period at the end of the running epoch, so an epoch that has begun never changes its number or its bounds.
contract PlatformParameters is IPlatformParameters, Governed {
    /// @dev From epoch `fromEpoch`, which starts at `startsAt` (ledger time), epochs are `length` seconds long.
    struct Period {
        uint64 startsAt;
        uint32 fromEpoch;
        uint32 length;
    }

    uint32 public constant MINIMUM_SECONDS = 1 minutes;
    uint32 public constant MAXIMUM_EPOCH_LENGTH = 366 days;
    uint32 public constant MAXIMUM_SETTLEMENT_WINDOW = 30 days;
    uint32 public constant MAXIMUM_SESSION_DURATION = 90 days;
    uint32 public constant MINIMUM_RECORD_EXPIRY = 1;
    uint32 public constant MAXIMUM_RECORD_EXPIRY = 240;

    /// @dev Never empty; both `startsAt` and `fromEpoch` strictly ascending. Only the last one can lie in the future.
    Period[] private _periods;
    uint32 private _settlementWindow;
    uint32 private _maximumSessionDuration;
    /// @dev Months.
    uint32 private _recordExpiry;
    bool private _existingCustomersIncluded;

    constructor(address authority_, IEmergency emergency_) Governed(authority_, emergency_, RULES) {}

    /// @notice What is in force from deployment until the constitution sets something else.
    function initialize() external initializer {
        _settlementWindow = 1 days;
        _maximumSessionDuration = 7 days;
        _recordExpiry = 60;
        _startPeriod(_ledgerTime(), 1, 7 days);
        emit SettlementWindowChanged(_settlementWindow);
        emit MaximumSessionDurationChanged(_maximumSessionDuration);
        emit RecordExpiryChanged(_recordExpiry);
    }

    /// @inheritdoc IPlatformParameters
    function setEpochLength(uint32 seconds_) external restricted whenNotFrozen {
        _requireInRange("epochLength", seconds_, MAXIMUM_EPOCH_LENGTH);
        uint32 running = currentEpoch();
        (, uint64 end) = epochBounds(running);
        // A change announced earlier in this epoch has not begun; the later word replaces it.
        if (_periods[_periods.length - 1].fromEpoch > running) _periods.pop();
        _startPeriod(end, running + 1, seconds_);
    }

    /// @inheritdoc IPlatformParameters
    function setSettlementWindow(uint32 seconds_) external restricted whenNotFrozen {
        _requireInRange("settlementWindow", seconds_, MAXIMUM_SETTLEMENT_WINDOW);
        _settlementWindow = seconds_;
        emit SettlementWindowChanged(seconds_);
    }

    /// @inheritdoc IPlatformParameters
    function setMaximumSessionDuration(uint32 seconds_) external restricted whenNotFrozen {
        _requireInRange("maximumSessionDuration", seconds_, MAXIMUM_SESSION_DURATION);
        _maximumSessionDuration = seconds_;
        emit MaximumSessionDurationChanged(seconds_);
    }

    /// @inheritdoc IPlatformParameters
    function setRecordExpiry(uint32 months) external restricted whenNotFrozen {
        if (months < MINIMUM_RECORD_EXPIRY || months > MAXIMUM_RECORD_EXPIRY) {
            revert ParameterOutOfRange("recordExpiry", months, MINIMUM_RECORD_EXPIRY, MAXIMUM_RECORD_EXPIRY);
        }
        _recordExpiry = months;
        emit RecordExpiryChanged(months);
    }

    /// @inheritdoc IPlatformParameters
    function switchExistingCustomers(bool included) external restricted whenNotFrozen {
        _existingCustomersIncluded = included;
        emit ExistingCustomersSwitched(included);
    }

    /// @inheritdoc IPlatformParameters
    function epochLength() external view returns (uint32) {
        return _runningPeriod(_ledgerTime()).length;
    }

    /// @inheritdoc IPlatformParameters
    function settlementWindow() external view returns (uint32) {
        return _settlementWindow;
    }

    /// @inheritdoc IPlatformParameters
    function maximumSessionDuration() external view returns (uint32) {
        return _maximumSessionDuration;
    }

    /// @inheritdoc IPlatformParameters
    function recordExpiry() external view returns (uint32) {
        return _recordExpiry;
    }

    /// @inheritdoc IPlatformParameters
    function existingCustomersIncluded() external view returns (bool) {
        return _existingCustomersIncluded;
    }

    /// @inheritdoc IPlatformParameters
    function currentEpoch() public view returns (uint32) {
        uint64 moment = _ledgerTime();
        Period memory period = _runningPeriod(moment);
        return period.fromEpoch + SafeCast.toUint32((moment - period.startsAt) / period.length);
    }

    /// @inheritdoc IPlatformParameters
    function epochBounds(uint32 epoch) public view returns (uint64 start, uint64 end) {
        if (epoch == 0) revert ParameterOutOfRange("epoch", 0, 1, type(uint32).max);
        Period memory period = _periodOf(epoch);
        start = period.startsAt + uint64(epoch - period.fromEpoch) * period.length;
        end = start + period.length;
    }

    function _startPeriod(uint64 startsAt, uint32 fromEpoch, uint32 length) private {
        _periods.push(Period({startsAt: startsAt, fromEpoch: fromEpoch, length: length}));
        emit EpochLengthChanged(fromEpoch, startsAt, length);
    }

    /// @dev The last period may lie ahead; then the one before it runs.
    function _runningPeriod(uint64 moment) private view returns (Period memory period) {
        uint256 last = _periods.length - 1;
        period = _periods[last];
        if (period.startsAt > moment) period = _periods[last - 1];
    }

    /// @dev Greatest `fromEpoch <= epoch`, by bisection. `epoch >= 1` and the first period starts at epoch 1, so it exists.
    function _periodOf(uint32 epoch) private view returns (Period memory) {
        uint256 low = 0;
        uint256 high = _periods.length;
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (_periods[middle].fromEpoch > epoch) high = middle;
            else low = middle;
        }
        return _periods[low];
    }

    function _requireInRange(bytes32 parameter, uint256 value, uint256 maximum) private pure {
        if (value < MINIMUM_SECONDS || value > maximum) {
            revert ParameterOutOfRange(parameter, value, MINIMUM_SECONDS, maximum);
        }
    }
}
