// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may call what
/// @notice The one access manager of the platform: every restricted function of every contract asks it. There is no owner
/// key anywhere. Roles and the functions they open are wired by the deployment module; whoever deployed keeps nothing.
///
/// WARNING: a holder of `ADMIN_ROLE` can re-wire everything. It is meant to be a timelock with proposers, executors and
/// cancellers that are different people; nothing here depends on what kind of account it is.
contract Authority is AccessManager {
    /// @notice Admission, suspension, parameters, categories, prices, lifting a freeze.
    uint64 public constant ASSOCIATION_ROLE = 1;
    /// @notice Held by contracts only: those that mint and move points by rule.
    uint64 public constant RULES_ROLE = 2;
    /// @notice Held by contracts only: the registries that report what earns points.
    uint64 public constant REGISTRY_ROLE = 3;
    /// @notice May freeze the platform, and nothing else.
    uint64 public constant GUARDIAN_ROLE = 4;

    uint256 private _admins;

    /// @dev The last holder of the admin role tried to leave, or was being removed: nobody could ever govern again.
    error AuthorityLastAdmin(address account);

    constructor(address initialAdmin) AccessManager(initialAdmin) {
        emit RoleLabel(ASSOCIATION_ROLE, "ASSOCIATION");
        emit RoleLabel(RULES_ROLE, "RULES");
        emit RoleLabel(REGISTRY_ROLE, "REGISTRY");
        emit RoleLabel(GUARDIAN_ROLE, "GUARDIAN");
    }

    /// @dev Counts admins, so that {_revokeRole} can refuse to remove the last one.
    function _grantRole(
        uint64 roleId,
        address account,
        uint32 grantDelay,
        uint32 executionDelay
    ) internal override returns (bool newMember) {
        newMember = super._grantRole(roleId, account, grantDelay, executionDelay);
        if (newMember && roleId == ADMIN_ROLE) ++_admins;
    }

    /// @dev Reached from both `revokeRole` and `renounceRole`.
    function _revokeRole(uint64 roleId, address account) internal override returns (bool removed) {
        removed = super._revokeRole(roleId, account);
        if (removed && roleId == ADMIN_ROLE) {
            if (_admins == 1) revert AuthorityLastAdmin(account);
            --_admins;
        }
    }
}
