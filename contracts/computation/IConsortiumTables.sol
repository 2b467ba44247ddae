// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";

enum EditionStatus {
    None,
    /// Holders contribute their whole tables.
    Collecting,
    /// The aggregator adds them up.
    Merging,
    /// Nodes take the contribution layer off.
    Stripping,
    Published,
    Abandoned
}

/// @dev How editions are made. `period` is the least time between two openings, `collecting` how long contributions are taken,
/// `stage` how long the aggregator and a set of nodes have for their work; seconds. `leastContributors` is k. `leastRows` is the smallest
/// row count class.
struct EditionTerms {
    MemberId aggregator;
    uint32 leastContributors;
    uint32 leastRows;
    uint32 period;
    uint32 collecting;
    uint32 stage;
}

/// @dev The rounds are those of {IKeyRounds} whose keys the edition uses; fixed when it opens.
struct Edition {
    EditionStatus status;
    uint32 evaluationRound;
    uint32 queryRound;
    uint32 layerRound;
    uint32 leastContributors;
    uint32 leastRows;
    MemberId aggregator;
    uint64 openedAt;
    /// End of the stage that runs.
    uint64 stageEndsAt;
    uint64 publishedAt;
    /// Contributions that count.
    uint32 contributors;
    uint32 mergedRows;
    bytes32 mergedRoot;
    /// Of the proof that the merged table is the sum of its contributions; keccak-256.
    bytes32 mergeProofDigest;
    bytes32 tableRoot;
    /// Counts the sets of nodes that were given the stripping.
    uint32 attempt;
    MemberId[] stripSet;
}

/// @dev `proof` is the proof of knowledge that goes with the root (64 bytes).
struct ContributionRecord {
    bytes32 root;
    uint32 rows;
    uint64 postedAt;
    bool excluded;
    bytes proof;
}

/// @title The consortium table, edition by edition
/// @notice On a calendar every holder commits to its whole encrypted table; the aggregator, which may never query, commits to
/// their sum, once; exactly t nodes take a layer off and must all name the same result. Roots only: rows travel between relayers.
interface IConsortiumTables {
    event EditionTermsChanged(EditionTerms terms);
    event EditionOpened(
        uint32 indexed edition,
        uint32 evaluationRound,
        uint32 queryRound,
        uint32 layerRound,
        uint64 closesAt
    );
    /// @dev The commitments are those of the datasets that the contribution summarises.
    event ContributionPosted(
        uint32 indexed edition,
        MemberId indexed contributor,
        bytes32 root,
        uint32 rows,
        bytes proof,
        DatasetId[] datasets,
        uint32[] epochs,
        uint32[] revisions
    );
    event EditionStageBegun(uint32 indexed edition, EditionStatus indexed status, uint64 endsAt);
    event ContributionExcluded(uint32 indexed edition, MemberId indexed contributor, bytes32 reason);
    event ContributionsMerged(uint32 indexed edition, bytes32 root, uint32 rows, bytes proof);
    event StripSetChosen(uint32 indexed edition, uint32 indexed attempt, MemberId[] nodes);
    event StripSharesPosted(uint32 indexed edition, uint32 indexed attempt, MemberId indexed node, bytes32 digest);
    event TableConfirmed(uint32 indexed edition, uint32 indexed attempt, MemberId indexed node, bytes32 root);
    /// @dev `accuser`, of the set, holds evidence that `accused` (a node of the set, or the aggregator) did not do its part.
    event StripRefused(
        uint32 indexed edition,
        uint32 indexed attempt,
        MemberId indexed accused,
        MemberId accuser,
        bytes32 reason,
        bytes32 evidenceDigest
    );
    event EditionPublished(uint32 indexed edition, bytes32 root, uint32 rows);
    event EditionAbandoned(uint32 indexed edition, EditionStatus during, bytes32 reason);

    /// @dev Or none are set.
    error EditionTermsInvalid();
    /// @dev The aggregator must be an active member that may compute and may not query.
    error AggregatorInvalid(MemberId aggregator);
    error EditionNotDue(uint64 dueAt);
    error EditionRunning(uint32 edition);
    error EditionKeysMissing();
    error EditionWrong(uint32 edition, EditionStatus status, EditionStatus expected);
    error ContributionLate(uint32 edition, uint64 closesAt);
    error ContributionRepeated(uint32 edition, MemberId contributor);
    error ContributionInvalid();
    /// @dev Not a count class of at least the edition's least.
    error RowCountNotAClass(uint32 rows, uint32 leastRows);
    error RowsTooMany(uint32 rows, uint256 most);
    /// @dev No such commitment of the contributor, or a withdrawn one, or one that is not the newest of its dataset.
    error ContributionBasisInvalid(DatasetId dataset, uint32 epoch, uint32 revision);
    /// @dev A dataset of the contributor with a standing commitment is not named.
    error ContributionIncomplete(DatasetId missing);
    error EditionStageNotOver(uint32 edition, uint64 endsAt);
    error NotAggregator(uint32 edition, MemberId caller);
    error ContributionUnknown(uint32 edition, MemberId contributor);
    error ContributionAlreadyExcluded(uint32 edition, MemberId contributor);
    /// @dev Lists of unequal length, or a reason is missing.
    error ExclusionInvalid(uint256 contributors, uint256 reasons);
    /// @dev Not 64 bytes of proof, or no root.
    error MergeInvalid();
    error StripSetInvalid();
    error StripSetWorking(uint32 edition, uint32 attempt, uint64 until);
    error NotInStripSet(uint32 edition, MemberId caller);
    error StripAttemptWrong(uint32 edition, uint32 given, uint32 current);
    error StripSharesRepeated(uint32 edition, uint32 attempt, MemberId node);
    /// @dev No digest, root, reason or evidence where there must be one.
    error StripDigestEmpty(uint32 edition);
    error StripSharesMissing(uint32 edition, uint32 attempt, MemberId node);
    error StripRefusalRepeated(uint32 edition, uint32 attempt, MemberId accuser, MemberId accused);
    error TableConfirmationRepeated(uint32 edition, uint32 attempt, MemberId node);

    /// @notice In force from the next edition on; restricted to the constitution.
    function setTerms(EditionTerms calldata terms) external;

    /// @notice Opens the next edition when the calendar says so; open to any active member's operators.
    function open() external returns (uint32 edition);

    /// @notice One contribution a member and edition. `datasets` are all of the caller's datasets with a standing commitment, strictly
    /// ascending, at their newest commitment.
    function contribute(
        uint32 edition,
        bytes32 root,
        uint32 rows,
        bytes calldata proof,
        DatasetId[] calldata datasets,
        uint32[] calldata epochs,
        uint32[] calldata revisions
    ) external;

    /// @notice Ends the collecting when its time is over, or earlier when every active holder of a published dataset has contributed;
    /// open to anyone. Below k contributions the edition is abandoned.
    function close(uint32 edition) external;

    /// @notice The aggregator leaves out contributions that it could not get or that do not hold, each with a code, while it merges.
    function exclude(uint32 edition, MemberId[] calldata contributors, bytes32[] calldata reasons) external;

    /// @notice The aggregator's one commitment to the sum. @param proof 64 bytes
    function merge(uint32 edition, bytes32 root, uint32 rows, bytes calldata proof) external;

    /// @notice The aggregator names exactly t nodes of the layer key's round, strictly ascending, that take the layer off: after the merge,
    /// and again when the set's time is over or one of it was accused.
    function chooseStripSet(uint32 edition, MemberId[] calldata nodes) external;

    /// @notice A node of the set commits to its shares of the attempt.
    function postShares(uint32 edition, uint32 attempt, bytes32 digest) external;

    /// @notice A node of the set names the root of the stripped table that it computed. When all have named the same, it is published.
    function confirmTable(uint32 edition, uint32 attempt, bytes32 root) external;

    /// @notice A node of the set says who keeps it from its part. Of the aggregator: the edition is abandoned when t of all nodes of the
    /// round have said so, in whatever attempts.
    function refuse(uint32 edition, uint32 attempt, MemberId accused, bytes32 reason, bytes32 evidenceDigest) external;

    /// @notice Ends an edition that was not merged in its time, or not stripped within three times its stage; open to anyone.
    function abandon(uint32 edition) external;

    function terms() external view returns (EditionTerms memory);

    function editionCount() external view returns (uint32);

    /// @notice All zero, status `None`, for an unknown edition.
    function getEdition(uint32 edition) external view returns (Edition memory);

    /// @notice The newest published edition; 0 if none.
    function latestPublished() external view returns (uint32);

    /// @notice Members that contributed, in order, excluded ones included.
    function contributorsOf(uint32 edition) external view returns (MemberId[] memory);

    /// @notice All zero for a member without a contribution.
    function getContribution(uint32 edition, MemberId contributor) external view returns (ContributionRecord memory);

    /// @notice What a node of the set committed to in an attempt; zero if nothing.
    function stripSharesOf(uint32 edition, uint32 attempt, MemberId node) external view returns (bytes32);
}
