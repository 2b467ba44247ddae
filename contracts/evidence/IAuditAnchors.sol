// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";

/// @title That a member's own audit log stood at a certain point
/// @notice Salted digests of the heads of the members' local audit logs. A member anchors one at fixed times, whether or not
/// anything happened, so what is here tells nothing of its business; what a digest stands for is opened to an auditor.
interface IAuditAnchors {
    event AuditAnchored(MemberId indexed member, uint64 indexed number, bytes32 digest);

    error AuditAnchorOutOfOrder(MemberId member, uint64 expected, uint64 given);

    /// @notice Anchors the caller's member's next digest; `number` counts its anchors from 0, not its log's entries.
    function anchorAudit(uint64 number, bytes32 digest) external;

    /// @notice How many anchors a member has made.
    function auditAnchorsOf(MemberId member) external view returns (uint64);
}
