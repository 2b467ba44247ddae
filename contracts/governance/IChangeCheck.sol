// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What must hold after a change
/// @notice Asked by the {ContractDirectory} before and after a change, within its transaction.
interface IChangeCheck {
    /// @notice What must be the same afterwards, in whatever form {verify} understands.
    function observe() external view returns (bytes memory seen);

    /// @notice Looks at the platform after the change.
    /// @return finding zero if all is in order, else a short name of the first thing that is not.
    function verify(bytes calldata seen) external view returns (bytes32 finding);
}
