// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Capability, kindAllows} from "../membership/Capability.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {IEmergency} from "./IEmergency.sol";
import {IMemberCouncil} from "./IMemberCouncil.sol";

/// @title The members' voice over the Association
/// @notice Any two members with a seat cancel an operation of the constitution before it takes effect. Two thirds of them
/// can approve one: then two cannot stop it, and it may be executed by the person that proposed it, which is how the staff
/// is renewed when all its keys but one are lost.
///
/// A member votes through any of its operators, also while it is suspended: the Association cannot silence the council by
/// suspending it, nor by freezing, since nothing here stops with the platform. The first firms admitted take the founding
/// seats themselves, and nobody can give these away before; later seats are given and taken by the constitution, which the
/// council can stop. When members leave and fewer than three seats remain, any firm may claim one again.
///
/// Beware: before two seats are taken nobody can stop the Association, only watch it. Beware: two members that object to everything stop all governance but not the platform. What they cannot stop is what
/// two thirds approved before they objected.
contract MemberCouncil is IMemberCouncil, AccessManaged {
    uint256 public constant FOUNDING_SEATS = 5;
    uint256 public constant SEATS_MINIMUM = 3;
    /// @dev Bounds every loop below.
    uint256 public constant SEATS_MAXIMUM = 32;
    uint256 public constant OBJECTIONS_TO_STOP = 2;

    IMemberRegistry private immutable _MEMBERS;
    IEmergency private immutable _EMERGENCY;

    TimelockController private _constitution;
    MemberId[] private _seats;
    /// @dev Founding is over once all founding seats were taken, or the constitution has taken one back.
    bool private _founded;
    mapping(bytes32 operation => mapping(MemberId member => bool)) private _objected;
    mapping(bytes32 operation => uint256 count) private _objections;
    mapping(bytes32 operation => mapping(MemberId member => bool)) private _approved;

    constructor(address authority_, IMemberRegistry members, IEmergency emergency) AccessManaged(authority_) {
        _MEMBERS = members;
        _EMERGENCY = emergency;
    }

    /// @notice Names the timelock whose operations the council watches. Happens once, in deployment.
    function setConstitution(TimelockController constitution_) external restricted {
        if (address(_constitution) != address(0)) revert CouncilConstitutionSet(address(_constitution));
        if (address(constitution_).code.length == 0) revert CouncilConstitutionInvalid(address(constitution_));
        _constitution = constitution_;
        emit ConstitutionSet(constitution_);
    }

    /// @inheritdoc IMemberCouncil
    function claimSeat() external {
        MemberId member = _MEMBERS.memberOf(_msgSender());
        if (_seats.length >= (_founded ? SEATS_MINIMUM : FOUNDING_SEATS)) revert CouncilSeatsTaken(_seats.length);
        _take(member);
        if (_seats.length == FOUNDING_SEATS) _founded = true;
    }

    /// @inheritdoc IMemberCouncil
    function seat(MemberId member) external restricted {
        if (!_founded) revert CouncilFounding(_seats.length);
        if (_seats.length >= SEATS_MAXIMUM) revert CouncilSeatsTooMany(_seats.length);
        _take(member);
    }

    /// @inheritdoc IMemberCouncil
    /// @dev The constitution leaves at least three; a member that has left goes whatever remains.
    function vacate(MemberId member) external {
        bool stays = _MEMBERS.isAdmitted(member);
        if (stays) _checkCanCall(_msgSender(), _msgData());
        uint256 index = _indexOf(member);
        if (index == _seats.length) revert CouncilSeatNotHeld(member);
        if (stays) {
            if (_seats.length <= SEATS_MINIMUM) revert CouncilSeatsTooFew(_seats.length);
            _founded = true;
        }
        _seats[index] = _seats[_seats.length - 1];
        _seats.pop();
        emit SeatVacated(member);
    }

    /// @inheritdoc IMemberCouncil
    function object(bytes32 operation, bytes32 reasonDigest) external {
        MemberId member = _seatedMemberOf(_msgSender());
        if (isApproved(operation)) revert CouncilApproved(operation);
        if (_objected[operation][member]) revert CouncilAlreadyVoted(operation, member);
        _objected[operation][member] = true;
        uint256 count = ++_objections[operation];
        emit ObjectionRaised(operation, member, count, reasonDigest);
        if (count < OBJECTIONS_TO_STOP) return;
        emit OperationStopped(operation);
        // Reverts, and with it the objection, unless the operation is scheduled and not executed.
        _constitution.cancel(operation);
    }

    /// @inheritdoc IMemberCouncil
    function approve(bytes32 operation) external {
        MemberId member = _seatedMemberOf(_msgSender());
        if (_approved[operation][member]) revert CouncilAlreadyVoted(operation, member);
        _approved[operation][member] = true;
        (uint256 given, ) = approvals(operation);
        emit ApprovalGiven(operation, member, given);
    }

    /// @inheritdoc IMemberCouncil
    function liftFreeze() external {
        _seatedMemberOf(_msgSender());
        uint64 until = _EMERGENCY.frozenUntil();
        if (until == 0 || block.timestamp <= until) revert CouncilFreezeNotOverdue(until);
        bytes32 operation = liftOperation();
        (uint256 given, uint256 needed) = approvals(operation);
        if (given < needed) revert CouncilNotApproved(operation, given, needed);
        _EMERGENCY.unfreeze();
    }

    /// @inheritdoc IMemberCouncil
    function objections(bytes32 operation) external view returns (uint256) {
        return _objections[operation];
    }

    /// @inheritdoc IMemberCouncil
    function seats() external view returns (MemberId[] memory) {
        return _seats;
    }

    /// @inheritdoc IMemberCouncil
    function constitution() external view returns (TimelockController) {
        return _constitution;
    }

    /// @inheritdoc IMemberCouncil
    function liftOperation() public view returns (bytes32) {
        return keccak256(abi.encode("riskveil/lift-freeze", address(_EMERGENCY), _EMERGENCY.freezeCount()));
    }

    /// @inheritdoc IMemberCouncil
    function isApproved(bytes32 operation) public view returns (bool) {
        (uint256 given, uint256 needed) = approvals(operation);
        return given >= needed;
    }

    /// @inheritdoc IMemberCouncil
    /// @dev With fewer than {SEATS_MINIMUM} seats nothing is ever approved.
    function approvals(bytes32 operation) public view returns (uint256 given, uint256 needed) {
        uint256 count = _seats.length;
        for (uint256 i = 0; i < count; ++i) {
            if (_approved[operation][_seats[i]]) ++given;
        }
        needed = count < SEATS_MINIMUM ? SEATS_MINIMUM : (count * 2 + 2) / 3;
    }

    /// @dev Whoever was admitted may sit, also while it is suspended: the Association chooses no seats by suspending.
    function _take(MemberId member) private {
        if (!_MEMBERS.isAdmitted(member) || !kindAllows(_MEMBERS.getMember(member).kind, Capability.Vote)) {
            revert CouncilMemberNotEligible(member);
        }
        if (_indexOf(member) != _seats.length) revert CouncilSeatHeld(member);
        _seats.push(member);
        emit SeatTaken(member);
    }

    function _seatedMemberOf(address account) private view returns (MemberId member) {
        member = _MEMBERS.memberOf(account);
        if (_indexOf(member) == _seats.length || !_MEMBERS.isAdmitted(member)) revert CouncilSeatNotHeld(member);
    }

    /// @dev The number of seats where the member has none.
    function _indexOf(MemberId member) private view returns (uint256 index) {
        uint256 count = _seats.length;
        while (index < count && _seats[index] != member) ++index;
    }
}
