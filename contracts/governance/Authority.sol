// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may call what
/// @notice The one access manager of the platform: every restricted function of every contract asks it. There is no owner
/// key anywhere. Roles and the functions they open are wired by the deployment module; whoever deployed keeps nothing.
///
/// WARNING: a holder of `ADMIN_ROLE` can re-wire everything. After deployment that is the constitution, a
/// {DualControlTimelock} in which one person proposes, another executes after the members' delay, and two members cancel;
/// nothing here depends on what kind of account it is.
contract Authority is AccessManager {
    /// @notice Admission, parameters, categories, prices, appointments, exit: held by the constitution alone, so each use of it
    /// is proposed in public, waits the members' delay and can be stopped by two members.
    uint64 public constant ASSOCIATION_ROLE = 1;
    /// @notice Held by contracts only: those that mint and move points by rule.
    uint64 public constant RULES_ROLE = 2;
    /// @notice Held by contracts only: the registries that report what earns points.
    uint64 public constant REGISTRY_ROLE = 3;
    /// @notice May freeze the platform, and nothing else: one of the Association's staff is enough.
    uint64 public constant GUARDIAN_ROLE = 4;
    /// @notice The Association's staff: each proposes, and executes what another one proposed.
    uint64 public constant STAFF_ROLE = 5;
    /// @notice Held by the duty desk (two of the staff, at once): review, suspension, certificates, taking back a change.
    uint64 public constant DUTY_ROLE = 6;
    /// @notice Held by the duty desk and the members' council: lifting a freeze.
    uint64 public constant RESTART_ROLE = 7;
    /// @notice Held by the contract directory alone: putting another implementation behind an address.
    uint64 public constant CHANGE_ROLE = 8;
    /// @notice Held by the exit plan alone: opening the disposal of data once all have agreed.
    uint64 public constant DISPOSAL_ROLE = 9;

    uint256 private _admins;

    /// @dev The last holder of the admin role tried to leave, or was being removed: nobody could ever govern again.
    error AuthorityLastAdmin(address account);
    /// @dev Who may re-wire everything is no person of the staff: least of all whoever deploys.
    error AuthorityStaffAndAdmin(address account);
    /// @dev Each of the staff is another person: the same account a second time would be one fewer than was meant.
    error AuthorityStaffAlready(address account);

    constructor(address initialAdmin) AccessManager(initialAdmin) {
        emit RoleLabel(ASSOCIATION_ROLE, "ASSOCIATION");
        emit RoleLabel(RULES_ROLE, "RULES");
        emit RoleLabel(REGISTRY_ROLE, "REGISTRY");
        emit RoleLabel(GUARDIAN_ROLE, "GUARDIAN");
        emit RoleLabel(STAFF_ROLE, "STAFF");
        emit RoleLabel(DUTY_ROLE, "DUTY");
        emit RoleLabel(RESTART_ROLE, "RESTART");
        emit RoleLabel(CHANGE_ROLE, "CHANGE");
        emit RoleLabel(DISPOSAL_ROLE, "DISPOSAL");
    }

    /// @dev Counts admins, so that {_revokeRole} can refuse to remove the last one; keeps staff and admins apart.
    function _grantRole(
        uint64 roleId,
        address account,
        uint32 grantDelay,
        uint32 executionDelay
    ) internal override returns (bool newMember) {
        newMember = super._grantRole(roleId, account, grantDelay, executionDelay);
        if (newMember && roleId == ADMIN_ROLE) ++_admins;
        if (roleId == STAFF_ROLE && !newMember) revert AuthorityStaffAlready(account);
        if (roleId == STAFF_ROLE || roleId == ADMIN_ROLE) {
            (bool staff, ) = hasRole(STAFF_ROLE, account);
            (bool admin, ) = hasRole(ADMIN_ROLE, account);
            if (staff && admin) revert AuthorityStaffAndAdmin(account);
        }
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
