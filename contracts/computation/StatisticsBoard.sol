// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {Capability} from "../membership/Capability.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {DATA} from "../types/Scope.sol";
import {Collection, CollectionStatus, IStatisticsBoard, Statistic} from "./IStatisticsBoard.sol";

/// @title Statistics of the industry over encrypted contributions
/// @notice A statistic is defined once and never altered, a collection is opened once and released once: no two sums over the same
/// values differ by one contributor. Nodes recompute the product of what stands here and decrypt nothing else.
///
/// Beware: the board cannot see whether two definitions differ by one member, or periods overlap. Who defines statistics sees
/// to that. Beware: k counts members, not those that keep their value to themselves.
contract StatisticsBoard is IStatisticsBoard, Governed {
    uint32 private constant _CONTRIBUTORS_LEAST = 3;
    /// @dev Bounds the list of a collection, which nodes read as a whole.
    uint256 private constant _CONTRIBUTORS_MAXIMUM = 4096;
    uint256 private constant _CATALOGUE_MAXIMUM = 1024;
    uint256 private constant _KEY_MAXIMUM = 16 * 1024;
    uint64 private constant _WINDOW_MAXIMUM = 366 days;

    IMemberRegistry private immutable _MEMBERS;

    bytes32 private _currentKey;
    mapping(bytes32 keyDigest => bytes) private _keys;
    bytes32[] private _statisticList;
    mapping(bytes32 statistic => Statistic) private _statistics;
    mapping(bytes32 statistic => mapping(uint32 period => Collection)) private _collections;
    mapping(bytes32 statistic => mapping(uint32 period => MemberId[])) private _contributors;
    mapping(bytes32 statistic => mapping(uint32 period => mapping(MemberId contributor => bytes32))) private _digests;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members
    ) Governed(authority_, emergency_, DATA) {
        _MEMBERS = members;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IStatisticsBoard
    /// @dev A key is set once and is 1 to 16,384 bytes. Collections that are open keep theirs.
    function setKey(bytes32 keyDigest, bytes32 recordDigest, bytes calldata key) external restricted whenNotFrozen {
        bool valid = keyDigest != 0 && recordDigest != 0 && key.length != 0 && key.length <= _KEY_MAXIMUM;
        if (!valid || _keys[keyDigest].length != 0) revert StatisticsKeyInvalid();
        _keys[keyDigest] = key;
        _currentKey = keyDigest;
        emit StatisticsKeySet(keyDigest, recordDigest, key);
    }

    /// @inheritdoc IStatisticsBoard
    /// @dev k from 3 on: with two contributors each would read the other's values off the sum.
    function defineStatistic(bytes32 statistic, Statistic calldata terms) external restricted whenNotFrozen {
        if (_isDefined(statistic)) revert StatisticAlreadyDefined(statistic);
        bool valid =
            statistic != 0 &&
                terms.definitionDigest != 0 &&
                terms.layoutDigest != 0 &&
                terms.leastContributors >= _CONTRIBUTORS_LEAST &&
                terms.leastContributors <= _CONTRIBUTORS_MAXIMUM &&
                !terms.retired;
        if (!valid) revert StatisticInvalid(statistic);
        if (_statisticList.length == _CATALOGUE_MAXIMUM) revert StatisticCatalogueFull(_CATALOGUE_MAXIMUM);
        _statisticList.push(statistic);
        _statistics[statistic] = terms;
        emit StatisticDefined(statistic, terms);
    }

    /// @inheritdoc IStatisticsBoard
    /// @dev Collections that are open go on.
    function retireStatistic(bytes32 statistic) external restricted whenNotFrozen {
        _requireInUse(statistic);
        _statistics[statistic].retired = true;
        emit StatisticRetired(statistic);
    }

    /// @inheritdoc IStatisticsBoard
    /// @dev Open for 1 second to 366 days.
    function openCollection(bytes32 statistic, uint32 period, uint64 closesAt) external restricted whenNotFrozen {
        _requireInUse(statistic);
        Collection storage record = _collections[statistic][period];
        if (record.status != CollectionStatus.None) revert CollectionAlreadyOpened(statistic, period);
        if (_currentKey == 0) revert StatisticsKeyMissing();
        uint64 moment = _ledgerTime();
        uint64 latest = moment + _WINDOW_MAXIMUM;
        if (closesAt <= moment || closesAt > latest) revert CollectionWindowInvalid(closesAt, moment + 1, latest);
        record.status = CollectionStatus.Open;
        record.closesAt = closesAt;
        record.keyDigest = _currentKey;
        emit CollectionOpened(statistic, period, _currentKey, closesAt);
    }

    /// @inheritdoc IStatisticsBoard
    /// @dev Open to active members that may publish.
    function contribute(bytes32 statistic, uint32 period, bytes32 digest) external whenNotFrozen {
        MemberId contributor = _MEMBERS.entitledMemberOf(_msgSender(), Capability.Publish);
        Collection storage record = _unsettled(statistic, period);
        if (_ledgerTime() >= record.closesAt) revert CollectionClosed(statistic, period, record.closesAt);
        if (digest == 0) revert StatisticDigestInvalid();
        bytes32 former = _digests[statistic][period][contributor];
        if (former == digest) revert StatisticContributionRepeated(statistic, period, contributor);
        _digests[statistic][period][contributor] = digest;
        if (former != 0) {
            emit StatisticContributionReplaced(statistic, period, contributor, digest);
            return;
        }
        if (record.contributors == _CONTRIBUTORS_MAXIMUM) {
            revert CollectionFull(statistic, period, _CONTRIBUTORS_MAXIMUM);
        }
        ++record.contributors;
        _contributors[statistic][period].push(contributor);
        emit StatisticContributed(statistic, period, contributor, digest);
    }

    /// @inheritdoc IStatisticsBoard
    function strike(
        bytes32 statistic,
        uint32 period,
        MemberId contributor,
        bytes32 reason
    ) external restricted whenNotFrozen {
        Collection storage record = _closed(statistic, period);
        if (_digests[statistic][period][contributor] == 0) {
            revert StatisticContributionUnknown(statistic, period, contributor);
        }
        if (reason == 0) revert StatisticReasonEmpty();
        _digests[statistic][period][contributor] = 0;
        --record.contributors;
        emit StatisticContributionStruck(statistic, period, contributor, reason);
    }

    /// @inheritdoc IStatisticsBoard
    function release(
        bytes32 statistic,
        uint32 period,
        bytes32 contributionsDigest,
        bytes32 answerDigest
    ) external restricted whenNotFrozen {
        Collection storage record = _closed(statistic, period);
        uint32 least = _statistics[statistic].leastContributors;
        if (record.contributors < least) {
            revert StatisticContributorsTooFew(statistic, period, record.contributors, least);
        }
        if (contributionsDigest == 0 || answerDigest == 0) revert StatisticDigestInvalid();
        record.status = CollectionStatus.Released;
        record.releasedAt = _ledgerTime();
        record.contributionsDigest = contributionsDigest;
        record.answerDigest = answerDigest;
        emit StatisticReleased(statistic, period, contributionsDigest, answerDigest);
    }

    /// @inheritdoc IStatisticsBoard
    function abandon(bytes32 statistic, uint32 period, bytes32 reason) external restricted whenNotFrozen {
        Collection storage record = _unsettled(statistic, period);
        if (reason == 0) revert StatisticReasonEmpty();
        record.status = CollectionStatus.Abandoned;
        emit CollectionAbandoned(statistic, period, reason);
    }

    /// @inheritdoc IStatisticsBoard
    function currentKey() external view returns (bytes32 keyDigest) {
        return _currentKey;
    }

    /// @inheritdoc IStatisticsBoard
    function keyOf(bytes32 keyDigest) external view returns (bytes memory) {
        return _keys[keyDigest];
    }

    /// @inheritdoc IStatisticsBoard
    function statistics() external view returns (bytes32[] memory) {
        return _statisticList;
    }

    /// @inheritdoc IStatisticsBoard
    function getStatistic(bytes32 statistic) external view returns (Statistic memory) {
        return _statistics[statistic];
    }

    /// @inheritdoc IStatisticsBoard
    function getCollection(bytes32 statistic, uint32 period) external view returns (Collection memory record) {
        record = _collections[statistic][period];
        if (record.status == CollectionStatus.Open && _ledgerTime() >= record.closesAt) {
            record.status = CollectionStatus.Closed;
        }
    }

    /// @inheritdoc IStatisticsBoard
    function contributorsOf(bytes32 statistic, uint32 period) external view returns (MemberId[] memory) {
        return _contributors[statistic][period];
    }

    /// @inheritdoc IStatisticsBoard
    function contributionOf(bytes32 statistic, uint32 period, MemberId contributor) external view returns (bytes32) {
        return _digests[statistic][period][contributor];
    }

    function _requireInUse(bytes32 statistic) private view {
        if (!_isDefined(statistic)) revert StatisticUnknown(statistic);
        if (_statistics[statistic].retired) revert StatisticIsRetired(statistic);
    }

    function _isDefined(bytes32 statistic) private view returns (bool) {
        return _statistics[statistic].leastContributors != 0;
    }

    /// @dev Neither released nor given up; its time may be over.
    function _unsettled(bytes32 statistic, uint32 period) private view returns (Collection storage record) {
        record = _collections[statistic][period];
        if (record.status != CollectionStatus.Open) {
            revert CollectionWrong(statistic, period, record.status, CollectionStatus.Open);
        }
    }

    function _closed(bytes32 statistic, uint32 period) private view returns (Collection storage record) {
        record = _collections[statistic][period];
        if (record.status != CollectionStatus.Open) {
            revert CollectionWrong(statistic, period, record.status, CollectionStatus.Closed);
        }
        if (_ledgerTime() < record.closesAt) revert CollectionNotClosed(statistic, period, record.closesAt);
    }
}
