// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";
import {MemberKind} from "../membership/IMemberRegistry.sol";

/// @dev A class of data of the catalogue (A, B, C ...): who owns it and what its owners owe. `owners` has the bit of each
/// {MemberKind} that owns it. Records are due within `dueWorkingDays` of their event; where `mandatory`, every epoch needs a
/// publication or a nil report.
struct CategoryTerms {
    uint16 owners;
    bool mandatory;
    uint16 dueWorkingDays;
    string title;
}

/// @dev A holder's categories that are priced and sealed together.
struct Dataset {
    MemberId holder;
    uint64 registeredAt;
    uint32 latestEpoch;
    bytes32 label;
    bytes32[] categories;
}

/// @dev What a holder commits to before anybody can mirror or query. `entryCount` is a declared count class (padded),
/// `entrySize` the bytes of one sealed entry, `publicKey` the 32-byte encoding of the epoch key's OPRF public key,
/// `statisticsDigest` a salted digest of true counts that is opened to the Association only.
struct Publication {
    uint32 epoch;
    uint32 revision;
    bytes32 root;
    bytes32 publicKey;
    bytes32 statisticsDigest;
    uint32 entryCount;
    uint32 entrySize;
    uint16 suite;
    uint16 schema;
}

struct Commitment {
    Publication publication;
    uint64 publishedAt;
    bool withdrawn;
}

/// @title What each holder stands for
/// @notice Append-only commitments to sealed tables, by dataset, epoch and revision.
interface IDatasetRegistry {
    event CategoryDefined(bytes32 indexed category, CategoryTerms terms);
    event CategoryAmended(bytes32 indexed category, CategoryTerms terms);
    event DatasetRegistered(DatasetId indexed dataset, MemberId indexed holder, bytes32 label, bytes32[] categories);
    event CommitmentPublished(
        DatasetId indexed dataset,
        MemberId indexed holder,
        uint32 indexed epoch,
        Publication publication
    );
    event CommitmentWithdrawn(
        DatasetId indexed dataset,
        uint32 indexed epoch,
        uint32 indexed revision,
        bytes32 reasonDigest
    );
    event NilReportFiled(DatasetId indexed dataset, uint32 indexed epoch, bytes32 reportDigest);
    event EpochKeyDestroyed(DatasetId indexed dataset, uint32 indexed epoch, bytes32 attestationDigest);

    error CategoryUnknown(bytes32 category);
    error CategoryAlreadyDefined(bytes32 category);
    /// @dev `owners` is empty or names what is no kind of member.
    error CategoryOwnersInvalid(bytes32 category, uint16 owners);
    error CategoryCatalogueFull(uint256 maximum);
    error CategoryNotOwned(bytes32 category, MemberId holder, MemberKind kind);
    error CategoryListInvalid();
    /// @dev A category of a holder belongs to one dataset only; splitting it would earn a publication reward for each.
    error CategoryAlreadyCovered(bytes32 category, DatasetId dataset);
    error DatasetUnknown(DatasetId dataset);
    error DatasetAlreadyRegistered(DatasetId dataset);
    error DatasetNotOwned(DatasetId dataset, MemberId caller);
    error EpochNotOpen(uint32 epoch, uint32 current);
    error EpochNotOver(uint32 epoch, uint32 current);
    error RevisionOutOfOrder(DatasetId dataset, uint32 epoch, uint32 expected, uint32 given);
    error CommitmentAlreadyPublished(DatasetId dataset, uint32 epoch, uint32 revision);
    error CommitmentUnknown(DatasetId dataset, uint32 epoch, uint32 revision);
    error CommitmentAlreadyWithdrawn(DatasetId dataset, uint32 epoch, uint32 revision);
    error EpochKeyMismatch(DatasetId dataset, uint32 epoch, bytes32 committed, bytes32 given);
    error EpochKeyReused(bytes32 publicKey);
    error EpochKeyAlreadyDestroyed(DatasetId dataset, uint32 epoch);
    error EntryCountNotAClass(uint32 entryCount);
    error PublicationIncomplete();
    error NilReportAlreadyFiled(DatasetId dataset, uint32 epoch);

    function defineCategory(bytes32 category, CategoryTerms calldata terms) external;

    function amendCategory(bytes32 category, CategoryTerms calldata terms) external;

    function registerDataset(bytes32 label, bytes32[] calldata categories) external returns (DatasetId dataset);

    /// @notice Revisions count up from 1 within an epoch; the key is fixed by the first one and never used again elsewhere.
    function publish(DatasetId dataset, Publication calldata publication) external;

    function fileNilReport(DatasetId dataset, uint32 epoch, bytes32 reportDigest) external;

    function withdraw(DatasetId dataset, uint32 epoch, uint32 revision, bytes32 reasonDigest) external;

    function recordKeyDestruction(DatasetId dataset, uint32 epoch, bytes32 attestationDigest) external;

    function getCategory(bytes32 category) external view returns (CategoryTerms memory);

    /// @notice All categories ever defined, in order of definition.
    function catalogue() external view returns (bytes32[] memory);

    /// @notice The one dataset in which `holder` has the category; zero if none.
    function datasetCovering(MemberId holder, bytes32 category) external view returns (DatasetId);

    function datasetCount() external view returns (uint256);

    function datasetAt(uint256 index) external view returns (DatasetId);

    function datasetIdOf(MemberId holder, bytes32 label) external view returns (DatasetId);

    function getDataset(DatasetId dataset) external view returns (Dataset memory);

    /// @notice Number of revisions published in `epoch`; zero if none.
    function revisionCount(DatasetId dataset, uint32 epoch) external view returns (uint32);

    function getCommitment(DatasetId dataset, uint32 epoch, uint32 revision) external view returns (Commitment memory);

    /// @notice The newest commitment of the newest epoch; reverts with {CommitmentUnknown} if none.
    function latestCommitment(DatasetId dataset) external view returns (Commitment memory);

    /// @notice Whose a dataset is, and its newest commitment: epoch and revision, zero where there is none or it is withdrawn. All zero for
    /// an unknown dataset.
    function standingOf(DatasetId dataset) external view returns (MemberId holder, uint32 epoch, uint32 revision);

    /// @notice Whether `member` has published, or filed nil, every mandatory category of its kind in this epoch or the last.
    function meetsDuties(MemberId member) external view returns (bool);

    /// @notice Count classes: m * 2^k with 4 <= m <= 7 and at least 1,024.
    function isCountClass(uint32 entryCount) external pure returns (bool);
}
