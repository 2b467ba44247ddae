// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ConsortiumTables} from "../../contracts/computation/ConsortiumTables.sol";
import {Edition, EditionStatus} from "../../contracts/computation/IConsortiumTables.sol";
import {ComputationStage} from "../fixtures/ComputationStage.sol";
import {TablesPlay} from "../fixtures/TablesPlay.sol";

/// @dev Whatever parties do: one merge an edition, and a table that all of a set named alike, over k contributions or more.
contract ConsortiumTablesInvariantTest {
    TablesPlay private _play;
    ConsortiumTables private _tables;

    function setUp() external {
        _play = new TablesPlay(new ComputationStage());
        _tables = _play.tables();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_play);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_editionsOnlyGoForwardOneAtATime() external view {
        assert(!_play.wentBack());
        uint32 count = _tables.editionCount();
        uint32 newest = 0;
        for (uint32 edition = 1; edition <= count; ++edition) {
            EditionStatus status = _tables.getEdition(edition).status;
            bool isOver = status == EditionStatus.Published || status == EditionStatus.Abandoned;
            assert(isOver || edition == count);
            if (status == EditionStatus.Published) newest = edition;
        }
        assert(_tables.latestPublished() == newest);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_anEditionIsMergedOnceAndStaysAsMerged() external view {
        for (uint32 edition = 1; edition <= _tables.editionCount(); ++edition) {
            Edition memory record = _tables.getEdition(edition);
            assert(_play.merges(edition) <= 1);
            assert(record.mergedRoot == _play.mergedRoot(edition));
            assert(record.status != EditionStatus.Published || _play.merges(edition) == 1);
        }
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_aTableIsPublishedOnlyAsAllOfTheSetNamedItOverKContributions() external view {
        for (uint32 edition = 1; edition <= _tables.editionCount(); ++edition) {
            Edition memory record = _tables.getEdition(edition);
            assert(record.contributors == _play.contributorsThatCount(edition));
            if (record.status != EditionStatus.Published) {
                assert(record.tableRoot == 0 && record.publishedAt == 0);
                continue;
            }
            assert(record.contributors >= record.leastContributors && record.leastContributors >= 3);
            assert(record.stripSet.length == 3);
            for (uint256 i = 0; i < record.stripSet.length; ++i) {
                assert(_play.named(edition, record.attempt, record.stripSet[i]) == record.tableRoot);
                assert(_tables.stripSharesOf(edition, record.attempt, record.stripSet[i]) != 0);
            }
        }
    }
}

/// @dev The play itself reaches what the invariants are about.
contract TablesPlayTest {
    function test_thePlayPublishesEditionsAndAbandonsOthers() external {
        TablesPlay play = new TablesPlay(new ComputationStage());
        play.open(1, 0);
        play.collect(type(uint256).max, 1);
        play.merge(1, "sum");
        play.choose(1, 0);
        play.strip(type(uint256).max);
        assert(play.seen(1) == EditionStatus.Published);
        play.open(1, 2 days - 1);
        play.collect(0, 10_000);
        assert(play.seen(2) == EditionStatus.Abandoned);
    }
}
