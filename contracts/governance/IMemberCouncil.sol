// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {MemberId} from "../types/MemberId.sol";

/// @title The members' voice over the Association
/// @notice Members with a seat stop what they do not want and, where the Association's staff has lost its keys, stand in for
/// the second person.
interface IMemberCouncil {
    event ConstitutionSet(TimelockController indexed constitution);
    event SeatTaken(MemberId indexed member);
    event SeatVacated(MemberId indexed member);
    event ObjectionRaised(bytes32 indexed operation, MemberId indexed member, uint256 objections, bytes32 reasonDigest);
    event OperationStopped(bytes32 indexed operation);
    event ApprovalGiven(bytes32 indexed operation, MemberId indexed member, uint256 approvals);

    error CouncilConstitutionSet(address constitution);
    error CouncilConstitutionInvalid(address account);
    error CouncilSeatNotHeld(MemberId member);
    error CouncilSeatHeld(MemberId member);
    /// @dev Only firms sit on the council: not the Association, a regulator or an operator of nodes.
    error CouncilMemberNotEligible(MemberId member);
    /// @dev All seats that are there to claim are taken; further ones are given by the constitution.
    error CouncilSeatsTaken(uint256 seats);
    /// @dev While founding seats are free they are claimed, not given.
    error CouncilFounding(uint256 seats);
    error CouncilSeatsTooMany(uint256 seats);
    error CouncilSeatsTooFew(uint256 seats);
    error CouncilAlreadyVoted(bytes32 operation, MemberId member);
    /// @dev Two thirds of the council approved it: two members alone cannot stop it any more.
    error CouncilApproved(bytes32 operation);
    error CouncilNotApproved(bytes32 operation, uint256 approvals, uint256 needed);
    /// @dev The announced end of the freeze has not passed, or nothing is frozen.
    error CouncilFreezeNotOverdue(uint64 until);

    /// @notice Takes a seat for the caller's member: one of the founding seats, later one of those that keep the council at its least.
    function claimSeat() external;

    /// @notice Gives `member` a seat, once the council is founded.
    function seat(MemberId member) external;

    /// @notice Takes the seat of `member`; one that has left the platform loses it by anybody's call.
    function vacate(MemberId member) external;

    /// @notice Objects to an operation of the constitution; the second objection cancels it.
    function object(bytes32 operation, bytes32 reasonDigest) external;

    /// @notice Approves an operation, before or after it is scheduled.
    function approve(bytes32 operation) external;

    /// @notice Lifts a freeze whose announced end has passed, once two thirds approved {liftOperation}.
    function liftFreeze() external;

    /// @notice What to approve for {liftFreeze} of the running freeze.
    function liftOperation() external view returns (bytes32);

    function isApproved(bytes32 operation) external view returns (bool);

    /// @notice Approvals of members that hold a seat now, and how many make two thirds.
    function approvals(bytes32 operation) external view returns (uint256 given, uint256 needed);

    /// @notice Objections ever raised; one that was raised stands, also when its member has lost its seat since.
    function objections(bytes32 operation) external view returns (uint256);

    function seats() external view returns (MemberId[] memory);

    function constitution() external view returns (TimelockController);
}
