// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What the Association and the members govern by number or by switch
interface IPlatformParameters {
    event EpochLengthChanged(uint32 indexed fromEpoch, uint64 startsAt, uint32 lengthSeconds);
    event SettlementWindowChanged(uint32 seconds_);
    event MaximumSessionDurationChanged(uint32 seconds_);
    event RecordExpiryChanged(uint32 months);
    event ExistingCustomersSwitched(bool included);

    /// @dev `value` lies outside [`minimum`, `maximum`].
    error ParameterOutOfRange(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum);

    /// @notice Takes effect at the end of the running epoch; numbers of past epochs and their bounds never change.
    function setEpochLength(uint32 seconds_) external;

    function setSettlementWindow(uint32 seconds_) external;

    function setMaximumSessionDuration(uint32 seconds_) external;

    /// @notice How many months after its cure a record is no longer shared. Calendar months, because a term in law is: 60 are
    /// five years to the day.
    function setRecordExpiry(uint32 months) external;

    /// @notice Customers who signed before the platform existed (存量) stay out, both ways, until this is switched on.
    function switchExistingCustomers(bool included) external;

    function currentEpoch() external view returns (uint32);

    /// @notice First second of `epoch` and first second after it, in ledger time.
    function epochBounds(uint32 epoch) external view returns (uint64 start, uint64 end);

    function epochLength() external view returns (uint32);

    function settlementWindow() external view returns (uint32);

    function maximumSessionDuration() external view returns (uint32);

    /// @notice In months after the cure.
    function recordExpiry() external view returns (uint32);

    function existingCustomersIncluded() external view returns (bool);
}
