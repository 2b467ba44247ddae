// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DualControlTimelock} from "../../contracts/governance/DualControlTimelock.sol";
import {MemberCouncil} from "../../contracts/governance/MemberCouncil.sol";
import {MemberId} from "../../contracts/types/MemberId.sol";
import {CouncilStage} from "../fixtures/CouncilStage.sol";
import {GovernancePlay} from "../fixtures/GovernancePlay.sol";

/// @dev Whatever staff, members and outsiders try in whatever order: nothing is executed too early, by its proposer alone, or
/// after two members stopped it. {GovernancePlay} asserts it move by move; here it is read from the contracts afterwards.
contract ConstitutionInvariantTest {
    error MoveNeverMade(GovernancePlay.Move move);

    CouncilStage private _stage;
    GovernancePlay private _play;

    function setUp() external {
        _stage = new CouncilStage();
        _play = new GovernancePlay(_stage);
    }

    /// @dev What the runner calls between checks of the invariants.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_play);
    }

    /// @dev The play is worth something only if everything that can happen in it does.
    function test_everyMoveIsMade() external {
        for (uint256 i = 0; i < 2500; ++i) _move(uint256(keccak256(abi.encode(i))));
        for (uint8 move = 0; move <= uint8(type(GovernancePlay.Move).max); ++move) {
            if (_play.moves(GovernancePlay.Move(move)) == 0) revert MoveNeverMade(GovernancePlay.Move(move));
        }
        this.invariant_whatWasStoppedIsNeitherDoneNorWaiting();
        this.invariant_seatsAreHeldOnceByFirmsThatWereAdmitted();
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_whatWasStoppedIsNeitherDoneNorWaiting() external view {
        for (uint256 i = 0; i < _play.operationCount(); ++i) {
            GovernancePlay.Operation memory operation = _play.operationAt(i);
            DualControlTimelock desk = operation.atDutyDesk ? _stage.dutyDesk() : _stage.constitution();
            if (operation.stopped || operation.cancelled) assert(!desk.isOperation(operation.id));
            assert(desk.isOperationDone(operation.id) == operation.executed);
            if (!operation.executed && block.timestamp < operation.due) assert(!desk.isOperationReady(operation.id));
            assert(desk.proposerOf(operation.id) == operation.proposer);
            // Two objections before two thirds approved, and it is gone; the duty desk's are not the council's to stop.
            if (_stage.council().objections(operation.id) >= 2) assert(operation.stopped);
        }
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_seatsAreHeldOnceByFirmsThatWereAdmitted() external view {
        MemberCouncil council = _stage.council();
        MemberId[] memory seats = council.seats();
        // One firm may leave in a game, and takes the council below its least if nobody claims.
        assert(seats.length + 1 >= council.SEATS_MINIMUM() && seats.length <= _stage.FIRMS());
        for (uint256 i = 0; i < seats.length; ++i) {
            for (uint256 j = i + 1; j < seats.length; ++j) assert(seats[i] != seats[j]);
        }
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_delaysStandWithinTheirBounds() external view {
        assert(_stage.constitution().getMinDelay() == _stage.DELAY());
        assert(_stage.dutyDesk().getMinDelay() == 0);
    }

    /// @dev One of the last eight operations, so that there is somebody who still cares.
    function _move(uint256 seed) private {
        uint256 count = _play.operationCount();
        uint256 who = seed >> 8;
        uint256 which = count == 0 ? 0 : count - 1 - ((seed >> 16) % (count < 8 ? count : 8));
        uint256 move = seed % 15;
        if (move == 0) _play.propose(who, seed >> 24, (seed >> 32) % 4 == 0, seed >> 40);
        else if (move == 1) _play.proposeAgain(who, which);
        else if (move <= 4) _play.execute(who, which);
        else if (move == 5) _play.cancel(who, which);
        else if (move == 6) _play.object(who, which);
        else if (move <= 9) _play.approve(who, which);
        else if (move == 10 && seed % 4 == 0) _play.freeze(who, uint8(seed >> 24), uint32(seed >> 32));
        else if (move == 11) _play.unfreeze(who);
        else if (move == 10 || move == 12) _liftOrRestart(who, seed >> 24);
        else if (move == 13) _leaveOrReturn(who, seed >> 24);
        else _play.wait(seed >> 24);
    }

    function _liftOrRestart(uint256 who, uint256 seed) private {
        if (seed % 2 == 0) _play.restart(who);
        else _play.lift(who, seed >> 8);
    }

    function _leaveOrReturn(uint256 who, uint256 seed) private {
        if (seed % 3 == 0) _play.depart(seed >> 8);
        else if (seed % 3 == 1) _play.vacate(who, seed >> 8);
        else _play.claim(who);
    }
}
