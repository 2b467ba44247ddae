// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Round, RoundPhase} from "../../contracts/computation/IKeyRounds.sol";
import {KeyRounds} from "../../contracts/computation/KeyRounds.sol";
import {KeyPurpose} from "../../contracts/types/KeyPurpose.sol";
import {ComputationStage} from "../fixtures/ComputationStage.sol";
import {RoundsPlay} from "../fixtures/RoundsPlay.sol";

/// @dev Whatever is said, in turn and out of turn: keys come of a majority's equal words and of nothing else.
contract KeyRoundsInvariantTest {
    RoundsPlay private _play;
    KeyRounds private _rounds;

    function setUp() external {
        _play = new RoundsPlay(new ComputationStage());
        _rounds = _play.rounds();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_play);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_phasesOnlyGoForwardAndOneRoundRuns() external view {
        assert(!_play.wentBack());
        assert(!_play.heardTooMuch());
        uint32 count = _rounds.roundCount();
        for (uint32 round = 1; round < count; ++round) assert(_isOver(round));
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_keysAreWhatAMajorityConfirmedAlike() external view {
        for (uint32 round = 1; round <= _rounds.roundCount(); ++round) {
            Round memory record = _rounds.getRound(round);
            bytes memory keySets = _rounds.keySetsOf(round);
            bool isCompleted = record.phase == RoundPhase.Completed;
            assert(isCompleted == (keySets.length != 0));
            uint256 words = _play.confirmations(round, keccak256(keySets));
            assert(!isCompleted || (words > record.nodes.length / 2 && words >= record.threshold));
        }
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_theNewestCompletedRoundOfAPurposeIsCurrent() external view {
        for (uint256 purpose = 0; purpose <= uint256(type(KeyPurpose).max); ++purpose) {
            uint32 newest = 0;
            for (uint32 round = 1; round <= _rounds.roundCount(); ++round) {
                Round memory record = _rounds.getRound(round);
                if (record.phase == RoundPhase.Completed && (record.purposes >> purpose) & 1 == 1) newest = round;
            }
            assert(_rounds.currentRound(KeyPurpose(purpose)) == newest);
        }
    }

    function _isOver(uint32 round) private view returns (bool) {
        RoundPhase phase = _rounds.getRound(round).phase;
        return phase == RoundPhase.Completed || phase == RoundPhase.Failed;
    }
}

/// @dev The play itself reaches what the invariants are about.
contract RoundsPlayTest {
    function test_thePlayCompletesRoundsAndFailsOthers() external {
        RoundsPlay play = new RoundsPlay(new ComputationStage());
        play.begin(15, 2, 0, 1);
        for (uint256 i = 0; i < 16; ++i) play.postAll(1);
        assert(play.completed() == 1);
        play.begin(15, 2, 0, 1);
        play.advance(2 hours - 1);
        assert(play.seen(2) == RoundPhase.Failed);
        play.begin(15, 2, 2, 3);
        for (uint256 i = 0; i < 16; ++i) play.postAll(1);
        assert(play.completed() == 2);
        play.begin(15, 2, 0, 1);
        play.postAll(1);
        play.callOff(5);
        assert(play.seen(4) == RoundPhase.Failed);
    }
}
