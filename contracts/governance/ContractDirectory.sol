// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IChangeCheck} from "./IChangeCheck.sol";
import {Change, IContractDirectory, Version} from "./IContractDirectory.sol";

/// @title Which contracts make up the platform, and in which version
/// @notice The one account that may change an implementation. A change is an operation of the constitution, so it waits the
/// members' delay; it happens together with its check in one transaction, so a version that fails the check never takes a
/// call. For a week two of the staff may put the version before back at once, if the change was declared reversible.
///
/// Beware: an implementation has full power over its contract's state. What members must read during the delay is the code
/// behind the address in the proposal; its hash is recorded here. So is the check a part of the proposal: one that
/// always says yes checks nothing. It can look only: it is called statically.
contract ContractDirectory is IContractDirectory, AccessManaged {
    uint64 public constant PROBATION = 7 days;

    bytes32[] private _names;
    mapping(bytes32 name => address proxy) private _proxies;
    /// @dev Version `n` is at index `n - 1`.
    mapping(bytes32 name => Version[]) private _versions;
    mapping(address proxy => bytes32 name) private _nameOf;
    uint256 private _changeCount;
    /// @dev What was changed together, by number of the change.
    mapping(uint256 change => bytes32[] names) private _changedIn;
    /// @dev The last change of a contract, not counting what was taken back.
    mapping(bytes32 name => uint256 change) private _lastChangeOf;

    constructor(address authority_) AccessManaged(authority_) {}

    /// @inheritdoc IContractDirectory
    function register(bytes32 name, address proxy, address implementation) external restricted {
        if (_proxies[name] != address(0)) revert ContractNameTaken(name);
        if (proxy.code.length == 0) revert ContractInvalid(proxy);
        if (_nameOf[proxy] != 0) revert ContractRegisteredAs(proxy, _nameOf[proxy]);
        _proxies[name] = proxy;
        _nameOf[proxy] = name;
        _names.push(name);
        emit ContractRegistered(name, proxy, implementation);
        _enter(name, implementation, false);
    }

    /// @inheritdoc IContractDirectory
    function change(Change[] calldata changes, IChangeCheck check) external restricted {
        if (changes.length == 0) revert ChangeEmpty();
        bytes memory seen = _observe(check);
        uint256 number = ++_changeCount;
        for (uint256 i = 0; i < changes.length; ++i) {
            Change calldata each = changes[i];
            addressOf(each.name);
            _requireNoChange(each.name, each.initialization);
            _changedIn[number].push(each.name);
            _lastChangeOf[each.name] = number;
            _enter(each.name, each.implementation, each.reversible);
        }
        // All is written down before code of a new version runs.
        for (uint256 i = 0; i < changes.length; ++i) {
            Change calldata each = changes[i];
            UUPSUpgradeable(_proxies[each.name]).upgradeToAndCall(each.implementation, each.initialization);
        }
        _verify(check, seen);
    }

    /// @inheritdoc IContractDirectory
    /// @dev All or none of what was changed together: versions that were made for each other do not part.
    function takeBack(bytes32 name, IChangeCheck check) external restricted {
        addressOf(name);
        uint256 number = _lastChangeOf[name];
        if (number == 0) revert ChangeNotReversible(name, _versions[name].length);
        bytes memory seen = _observe(check);
        bytes32[] memory together = _changedIn[number];
        for (uint256 i = 0; i < together.length; ++i) _enterVersionBefore(together[i], number);
        for (uint256 i = 0; i < together.length; ++i) {
            Version[] storage versions = _versions[together[i]];
            UUPSUpgradeable(_proxies[together[i]]).upgradeToAndCall(versions[versions.length - 1].implementation, "");
        }
        _verify(check, seen);
    }

    /// @inheritdoc IContractDirectory
    function names() external view returns (bytes32[] memory) {
        return _names;
    }

    /// @inheritdoc IContractDirectory
    function versionOf(bytes32 name) external view returns (uint256) {
        addressOf(name);
        return _versions[name].length;
    }

    /// @inheritdoc IContractDirectory
    function getVersion(bytes32 name, uint256 version) external view returns (Version memory) {
        addressOf(name);
        if (version == 0 || version > _versions[name].length) revert ContractVersionUnknown(name, version);
        return _versions[name][version - 1];
    }

    /// @inheritdoc IContractDirectory
    function addressOf(bytes32 name) public view returns (address proxy) {
        proxy = _proxies[name];
        if (proxy == address(0)) revert ContractUnknown(name);
    }

    function _enterVersionBefore(bytes32 name, uint256 number) private {
        uint256 version = _versions[name].length;
        Version storage last = _versions[name][version - 1];
        if (_lastChangeOf[name] != number || !last.reversible) revert ChangeNotReversible(name, version);
        uint64 until = last.since + PROBATION;
        if (block.timestamp > until) revert ChangeProbationOver(name, until);
        last.takenBack = true;
        emit ChangeTakenBack(name, version);
        _enter(name, _versions[name][version - 2].implementation, false);
    }

    function _enter(bytes32 name, address implementation, bool reversible) private {
        bytes32 codeHash = implementation.codehash;
        if (implementation.code.length == 0) revert ContractInvalid(implementation);
        _versions[name].push(
            Version({
                implementation: implementation,
                codeHash: codeHash,
                since: uint64(block.timestamp),
                reversible: reversible,
                takenBack: false
            })
        );
        emit ContractChanged(name, _versions[name].length, implementation, codeHash);
    }

    /// @dev The call is made with this contract's role, and it has no other: changing implementations.
    function _requireNoChange(bytes32 name, bytes calldata initialization) private pure {
        if (initialization.length >= 4 && bytes4(initialization[:4]) == UUPSUpgradeable.upgradeToAndCall.selector) {
            revert ChangeInitializationInvalid(name, UUPSUpgradeable.upgradeToAndCall.selector);
        }
    }

    function _observe(IChangeCheck check) private view returns (bytes memory) {
        if (address(check).code.length == 0) revert ContractInvalid(address(check));
        return check.observe();
    }

    function _verify(IChangeCheck check, bytes memory seen) private {
        bytes32 finding = check.verify(seen);
        if (finding != 0) revert ChangeCheckFailed(check, finding);
        emit ChangePassed(check);
    }
}
