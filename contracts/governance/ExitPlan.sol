// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {IEmergency} from "./IEmergency.sol";
import {IExitPlan} from "./IExitPlan.sol";

/// @title How the platform ends
/// @notice After the constitution has begun the exit everything stands still. The Association proposes a disposal plan; only
/// when every party has agreed to the same one do holders withdraw their commitments and record that keys are destroyed.
contract ExitPlan is IExitPlan, AccessManaged {
    IMemberRegistry private immutable _MEMBERS;
    IEmergency private immutable _EMERGENCY;

    mapping(bytes32 planDigest => bool) private _proposed;
    mapping(bytes32 planDigest => mapping(MemberId member => bool)) private _agreed;
    mapping(bytes32 planDigest => uint256 count) private _agreements;

    constructor(address authority_, IMemberRegistry members, IEmergency emergency) AccessManaged(authority_) {
        _MEMBERS = members;
        _EMERGENCY = emergency;
    }

    /// @inheritdoc IExitPlan
    function propose(bytes32 planDigest) external restricted {
        if (!_EMERGENCY.exiting()) revert ExitNotBegun();
        if (_proposed[planDigest]) revert ExitPlanProposed(planDigest);
        _proposed[planDigest] = true;
        emit DisposalPlanProposed(planDigest);
    }

    /// @inheritdoc IExitPlan
    function agree(bytes32 planDigest) external {
        if (!_proposed[planDigest]) revert ExitPlanUnknown(planDigest);
        MemberId member = _MEMBERS.memberOf(_msgSender());
        if (!_MEMBERS.isAdmitted(member)) revert ExitNotParty(member);
        if (_agreed[planDigest][member]) revert ExitPlanAgreed(planDigest, member);
        _agreed[planDigest][member] = true;
        ++_agreements[planDigest];
        uint256 rest = missing(planDigest);
        emit DisposalPlanAgreed(planDigest, member, rest);
        if (rest == 0) _EMERGENCY.openDisposal(planDigest);
    }

    /// @inheritdoc IExitPlan
    /// @dev Nobody joins or leaves once the exit has begun, so the parties are fixed. They are counted, not walked through:
    /// anybody may apply, and must not be able to make the end of the platform too dear.
    function missing(bytes32 planDigest) public view returns (uint256) {
        return _MEMBERS.admittedCount() - _agreements[planDigest];
    }
}
