// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";

/// @title How the platform ends
interface IExitPlan {
    event DisposalPlanProposed(bytes32 indexed planDigest);
    event DisposalPlanAgreed(bytes32 indexed planDigest, MemberId indexed member, uint256 missing);

    error ExitNotBegun();
    error ExitPlanUnknown(bytes32 planDigest);
    error ExitPlanProposed(bytes32 planDigest);
    error ExitPlanAgreed(bytes32 planDigest, MemberId member);
    /// @dev Only members that were admitted and have not left are parties.
    error ExitNotParty(MemberId member);

    /// @notice Puts a plan before the parties: its salted digest; the plan itself stays sealed until all have agreed.
    function propose(bytes32 planDigest) external;

    /// @notice Agrees for the caller's member; the last agreement opens the disposal.
    function agree(bytes32 planDigest) external;

    /// @notice Parties that have not agreed yet.
    function missing(bytes32 planDigest) external view returns (uint256);
}
