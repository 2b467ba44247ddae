// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChangeCheck} from "./IChangeCheck.sol";

/// @dev `initialization` is called on the changed contract, by the directory; empty for none. `reversible` promises that the version before works on
/// the state that this one writes.
struct Change {
    bytes32 name;
    address implementation;
    bool reversible;
    bytes initialization;
}

/// @dev `since` in block time. `takenBack` marks a version that was replaced by the one before it.
struct Version {
    address implementation;
    bytes32 codeHash;
    uint64 since;
    bool reversible;
    bool takenBack;
}

/// @title Which contracts make up the platform, and in which version
interface IContractDirectory {
    event ContractRegistered(bytes32 indexed name, address indexed proxy, address implementation);
    event ContractChanged(bytes32 indexed name, uint256 indexed version, address implementation, bytes32 codeHash);
    event ChangePassed(IChangeCheck indexed check);
    event ChangeTakenBack(bytes32 indexed name, uint256 indexed version);

    error ContractUnknown(bytes32 name);
    error ContractNameTaken(bytes32 name);
    /// @dev The proxy stands in the directory already.
    error ContractRegisteredAs(address proxy, bytes32 name);
    error ContractInvalid(address account);
    error ContractVersionUnknown(bytes32 name, uint256 version);
    error ChangeEmpty();
    /// @dev A change that would change the implementation once more: what is recorded here would not be what is in force.
    error ChangeInitializationInvalid(bytes32 name, bytes4 selector);
    /// @dev The check says that the platform is not in order after the change; nothing was changed.
    error ChangeCheckFailed(IChangeCheck check, bytes32 finding);
    /// @dev There is no version before it, it was declared irreversible, or it was taken back already.
    error ChangeNotReversible(bytes32 name, uint256 version);
    error ChangeProbationOver(bytes32 name, uint64 until);

    /// @notice Enters a proxy under its name, with the implementation behind it as version 1.
    function register(bytes32 name, address proxy, address implementation) external;

    /// @notice Puts other implementations behind contracts, all or none, and lets `check` look at the platform before and after
    /// in the same transaction: what does not pass never took a call.
    function change(Change[] calldata changes, IChangeCheck check) external;

    /// @notice Puts the version before back, within the probation after a change: for `name` and for whatever was changed
    /// together with it.
    function takeBack(bytes32 name, IChangeCheck check) external;

    function addressOf(bytes32 name) external view returns (address);

    function names() external view returns (bytes32[] memory);

    /// @notice The number of the version in force, counted from 1.
    function versionOf(bytes32 name) external view returns (uint256);

    function getVersion(bytes32 name, uint256 version) external view returns (Version memory);
}
