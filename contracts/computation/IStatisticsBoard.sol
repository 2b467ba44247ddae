// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";

enum CollectionStatus {
    None,
    Open,
    Closed,
    Released,
    /// Closed with fewer contributors than the statistic asks for, or given up.
    Abandoned
}

/// @dev A statistic that may be collected. `definitionDigest` and `layoutDigest` stand for public documents: what is counted over which
/// cohort, and how values are packed.
struct Statistic {
    bytes32 definitionDigest;
    bytes32 layoutDigest;
    uint32 leastContributors;
    bool retired;
}

struct Collection {
    CollectionStatus status;
    uint64 closesAt;
    uint64 releasedAt;
    uint32 contributors;
    /// Of the key under which it is collected; fixed when it opens.
    bytes32 keyDigest;
    bytes32 contributionsDigest;
    bytes32 answerDigest;
}

/// @title Statistics of the industry over encrypted contributions
/// @notice Members commit to encrypted values; nodes decrypt nothing but the sum over everything committed; one release for a statistic
/// and period, ever. The key is the ceremony's (Paillier), apart from all others.
interface IStatisticsBoard {
    event StatisticsKeySet(bytes32 indexed keyDigest, bytes32 recordDigest, bytes key);
    event StatisticDefined(bytes32 indexed statistic, Statistic terms);
    event StatisticRetired(bytes32 indexed statistic);
    event CollectionOpened(bytes32 indexed statistic, uint32 indexed period, bytes32 keyDigest, uint64 closesAt);
    event StatisticContributed(
        bytes32 indexed statistic,
        uint32 indexed period,
        MemberId indexed contributor,
        bytes32 digest
    );
    /// @dev `digest` is the new one.
    event StatisticContributionReplaced(
        bytes32 indexed statistic,
        uint32 indexed period,
        MemberId indexed contributor,
        bytes32 digest
    );
    event StatisticContributionStruck(
        bytes32 indexed statistic,
        uint32 indexed period,
        MemberId indexed contributor,
        bytes32 reason
    );
    event StatisticReleased(
        bytes32 indexed statistic,
        uint32 indexed period,
        bytes32 contributionsDigest,
        bytes32 answerDigest
    );
    event CollectionAbandoned(bytes32 indexed statistic, uint32 indexed period, bytes32 reason);

    error StatisticsKeyInvalid();
    error StatisticsKeyMissing();
    error StatisticUnknown(bytes32 statistic);
    error StatisticAlreadyDefined(bytes32 statistic);
    error StatisticInvalid(bytes32 statistic);
    error StatisticCatalogueFull(uint256 maximum);
    error StatisticIsRetired(bytes32 statistic);
    error CollectionAlreadyOpened(bytes32 statistic, uint32 period);
    error CollectionWindowInvalid(uint64 closesAt, uint64 earliest, uint64 latest);
    error CollectionWrong(bytes32 statistic, uint32 period, CollectionStatus status, CollectionStatus expected);
    error CollectionClosed(bytes32 statistic, uint32 period, uint64 closedAt);
    error CollectionNotClosed(bytes32 statistic, uint32 period, uint64 closesAt);
    error CollectionFull(bytes32 statistic, uint32 period, uint256 maximum);
    error StatisticDigestInvalid();
    error StatisticReasonEmpty();
    /// @dev The contributor committed to the same before.
    error StatisticContributionRepeated(bytes32 statistic, uint32 period, MemberId contributor);
    error StatisticContributionUnknown(bytes32 statistic, uint32 period, MemberId contributor);
    error StatisticContributorsTooFew(bytes32 statistic, uint32 period, uint32 contributors, uint32 least);

    /// @notice The key of a new ceremony: `key` is its public side as the ceremony's record has it, `keyDigest` names it. Restricted to the constitution.
    function setKey(bytes32 keyDigest, bytes32 recordDigest, bytes calldata key) external;

    /// @notice Restricted to the constitution: whoever defines statistics sees to it that no two differ by one member.
    function defineStatistic(bytes32 statistic, Statistic calldata terms) external;

    function retireStatistic(bytes32 statistic) external;

    /// @notice Opens a collection, at most once for a statistic and period; the duty desk's.
    function openCollection(bytes32 statistic, uint32 period, uint64 closesAt) external;

    /// @notice The caller's member commits to its contribution; a later one replaces it while the collection is open.
    function contribute(bytes32 statistic, uint32 period, bytes32 digest) external;

    /// @notice The duty desk strikes a contribution that does not hold or never arrived, after the collection is closed and before it is
    /// released; each struck one is on record with its reason.
    function strike(bytes32 statistic, uint32 period, MemberId contributor, bytes32 reason) external;

    /// @notice What was released, on record once: the set of contributions and a salted digest of the answer with all its shares. The duty desk's.
    function release(bytes32 statistic, uint32 period, bytes32 contributionsDigest, bytes32 answerDigest) external;

    function abandon(bytes32 statistic, uint32 period, bytes32 reason) external;

    function currentKey() external view returns (bytes32 keyDigest);

    /// @notice Public side of a key by its digest; empty if unknown.
    function keyOf(bytes32 keyDigest) external view returns (bytes memory);

    function statistics() external view returns (bytes32[] memory);

    function getStatistic(bytes32 statistic) external view returns (Statistic memory);

    /// @notice Status `Closed` follows from the time: nobody closes a collection.
    function getCollection(bytes32 statistic, uint32 period) external view returns (Collection memory);

    /// @notice In order of their first commitment, struck ones included.
    function contributorsOf(bytes32 statistic, uint32 period) external view returns (MemberId[] memory);

    /// @notice Zero if there is none or it was struck.
    function contributionOf(bytes32 statistic, uint32 period, MemberId contributor) external view returns (bytes32);
}
