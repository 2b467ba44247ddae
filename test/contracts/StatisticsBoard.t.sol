// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Collection, CollectionStatus} from "../../contracts/computation/IStatisticsBoard.sol";
import {StatisticsBoard} from "../../contracts/computation/StatisticsBoard.sol";
import {ComputationStage} from "../fixtures/ComputationStage.sol";
import {StatisticsPlay} from "../fixtures/StatisticsPlay.sol";

/// @dev Whatever is opened, contributed and struck: one release for a statistic and period, of k or more, for good.
contract StatisticsBoardInvariantTest {
    StatisticsPlay private _play;
    StatisticsBoard private _board;

    function setUp() external {
        _play = new StatisticsPlay(new ComputationStage());
        _board = _play.board();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_play);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_oneReleaseEverOfKAndNothingMovesAfterIt() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 statistic = _play.names(i);
            for (uint32 period = 0; period < 3; ++period) {
                bool isReleased = _board.getCollection(statistic, period).status == CollectionStatus.Released;
                assert(_play.releases(statistic, period) == (isReleased ? 1 : 0));
                if (!isReleased) continue;
                assert(_play.standing(statistic, period) >= _board.getStatistic(statistic).leastContributors);
                assert(_play.stateOf(statistic, period) == _play.released(statistic, period));
            }
        }
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_contributorsAreCountedAsTheyStand() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 statistic = _play.names(i);
            for (uint32 period = 0; period < 3; ++period) {
                Collection memory record = _board.getCollection(statistic, period);
                assert(record.contributors == _play.standing(statistic, period));
                assert((record.contributionsDigest != 0) == (record.status == CollectionStatus.Released));
            }
        }
    }
}

/// @dev The play itself reaches what the invariants are about.
contract StatisticsPlayTest {
    function test_thePlayReleasesOnce() external {
        StatisticsPlay play = new StatisticsPlay(new ComputationStage());
        play.open(0, 1);
        play.contributeAll(0, 1, type(uint256).max);
        play.release(0, 1, 1, 0);
        assert(play.releaseCount() == 0);
        play.release(0, 1, 1, 80 minutes);
        play.release(0, 1, 2, 80 minutes);
        assert(play.releaseCount() == 1);
    }
}
