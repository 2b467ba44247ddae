// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Allotment, Session, SessionStatus} from "../../contracts/query/IQueryLedger.sol";
import {Points} from "../../contracts/incentive/Points.sol";
import {QueryLedger} from "../../contracts/query/QueryLedger.sol";
import {DatasetId} from "../../contracts/types/DatasetId.sol";
import {SessionId} from "../../contracts/types/SessionId.sol";
import {LedgerPlay} from "../fixtures/LedgerPlay.sol";
import {PlatformStage} from "../fixtures/PlatformStage.sol";

/// @dev Whatever is played, points are neither made nor lost.
contract QueryLedgerInvariantTest {
    uint32 private constant _LANES = 16;

    PlatformStage private _stage;
    LedgerPlay private _play;
    QueryLedger private _ledger;
    Points private _points;
    uint256 private _supplyAtStart;

    function setUp() external {
        _stage = new PlatformStage();
        _play = new LedgerPlay(_stage);
        _ledger = _stage.ledger();
        _points = _stage.points();
        _supplyAtStart = _points.totalSupply();
    }

    /// @dev What the runner calls between checks of the invariants.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_play);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_ledgerHoldsWhatIsLockedAndNotPaid() external view {
        uint256 held = 0;
        for (uint256 i = 0; i < _play.sessionCount(); ++i) {
            Session memory session = _ledger.getSession(_play.sessionAt(i));
            assert(session.paid <= session.locked);
            if (session.status != SessionStatus.Closed) held += session.locked - session.paid;
        }
        assert(_points.balanceOf(address(_ledger)) == held);
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_supplyChangesByMintAloneAndLiesInKnownPlaces() external view {
        uint256 sum = _points.balanceOf(address(_ledger)) + _points.balanceOf(_stage.rules().pool());
        for (uint256 firm = 1; firm <= _stage.FIRMS(); ++firm) sum += _points.pointsOf(_stage.memberOf(firm));
        assert(_points.totalSupply() == sum);
        assert(_points.totalSupply() == _supplyAtStart + _play.minted());
    }

    /// hardhat-config: invariant.fail-on-revert = true
    function invariant_lanesAddUpToWhatIsSettledWithinTheAllotment() external view {
        for (uint256 i = 0; i < _play.sessionCount(); ++i) {
            SessionId session = _play.sessionAt(i);
            DatasetId[] memory datasets = _play.datasetsOf(session);
            uint256 largest = 0;
            uint256 worth = 0;
            for (uint256 j = 0; j < datasets.length; ++j) {
                Allotment memory allotment = _ledger.getAllotment(session, datasets[j]);
                assert(_settledOverLanes(session, datasets[j]) == allotment.settled);
                assert(allotment.settled <= allotment.granted);
                if (allotment.settled > largest) largest = allotment.settled;
                worth += uint256(allotment.settled) * allotment.price;
            }
            assert(_ledger.getSession(session).largestSettled == largest);
            assert(_ledger.getSession(session).paid == worth);
        }
    }

    function _settledOverLanes(SessionId session, DatasetId dataset) private view returns (uint256 sum) {
        for (uint32 lane = 0; lane < _LANES; ++lane) {
            (uint64 count, ) = _ledger.getLane(session, dataset, lane);
            sum += count;
        }
    }
}
