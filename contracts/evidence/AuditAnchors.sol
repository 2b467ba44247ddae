// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {IAuditAnchors} from "./IAuditAnchors.sol";

/// @title That a member's own audit log stood at a certain point
/// @notice Holds one counter a member; the digests are in the events. It does not stop with the platform: what happens during a
/// freeze is recorded like everything else.
///
/// Beware: it shows that a log was not rewritten after an anchor, not that the log was complete before it.
contract AuditAnchors is IAuditAnchors {
    IMemberRegistry private immutable _MEMBERS;

    mapping(MemberId member => uint64) private _anchors;

    constructor(IMemberRegistry members) {
        _MEMBERS = members;
    }

    /// @inheritdoc IAuditAnchors
    /// @dev Open to the member's operators whatever its status: a record of what was done is always welcome. The number makes a
    /// repeated call fail, so at-least-once delivery anchors each digest once.
    function anchorAudit(uint64 number, bytes32 digest) external {
        MemberId member = _MEMBERS.memberOf(msg.sender);
        uint64 expected = _anchors[member];
        if (number != expected) revert AuditAnchorOutOfOrder(member, expected, number);
        _anchors[member] = expected + 1;
        emit AuditAnchored(member, number, digest);
    }

    /// @inheritdoc IAuditAnchors
    function auditAnchorsOf(MemberId member) external view returns (uint64) {
        return _anchors[member];
    }
}
