// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Scope} from "../types/Scope.sol";
import {Freezable} from "./Freezable.sol";
import {IEmergency} from "./IEmergency.sol";

/// @title A contract of the platform: asks the authority, stops with the platform, can be changed
/// @notice Stands behind an ERC-1967 proxy whose address is its name for good: vouchers and evidence refer to it. Another
/// implementation is put behind it by the {ContractDirectory} alone.
///
/// @dev What never changes (authority, clock, other contracts' proxies) is immutable and lies in the implementation's code; what
/// lies in storage is written by an initializer, never by a constructor, and its layout may only grow at the end.
abstract contract Governed is AccessManaged, Freezable, Initializable, UUPSUpgradeable {
    address private immutable _AUTHORITY;

    /// @dev The authority of a contract of the platform never changes.
    error AuthorityFixed(address authority);

    constructor(
        address authority_,
        IEmergency emergency_,
        Scope scope_
    ) AccessManaged(authority_) Freezable(emergency_, scope_) {
        _AUTHORITY = authority_;
        _disableInitializers();
    }

    /// @dev Always reverts with {AuthorityFixed}.
    function setAuthority(address) public view override {
        revert AuthorityFixed(_AUTHORITY);
    }

    /// @inheritdoc AccessManaged
    function authority() public view override returns (address) {
        return _AUTHORITY;
    }

    /// @dev Nothing is written to an implementation itself: what would stand there is no part of the platform.
    function _requireInPlace() internal view override onlyProxy {}

    /// @dev Asked with the selector of {upgradeToAndCall}, which is open to the contract directory alone.
    function _authorizeUpgrade(address) internal override restricted {}
}
