// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IPlatformParameters} from "../governance/IPlatformParameters.sol";
import {Incentivised} from "../incentive/Incentivised.sol";
import {Capability} from "../membership/Capability.sol";
import {IMemberRegistry, MemberKind} from "../membership/IMemberRegistry.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";
import {DATA} from "../types/Scope.sol";
import {isCountClass as isClass} from "./CountClass.sol";
import {CategoryTerms, Commitment, Dataset, IDatasetRegistry, Publication} from "./IDatasetRegistry.sol";

/// @title What each holder stands for
/// @notice Append-only: a commitment can be withdrawn, never changed or removed. Publishing, nil reports and registration
/// need an active member; withdrawing data and recording a key's destruction stay open to a member that is suspended or has
/// left, because a provider's right to dispose of its own data does not end with its membership.
///
/// Beware: an epoch's public key is refused if it was ever committed before, by anyone. Who copies a key out of a pending
/// transaction can make its owner draw another one; the copy itself is useless and stays on record.
contract DatasetRegistry is IDatasetRegistry, Incentivised {
    struct Category {
        bool defined;
        CategoryTerms terms;
    }

    /// @dev What is known of a dataset in one epoch. `standing` counts the revisions that are not withdrawn.
    struct EpochRecord {
        uint32 revisions;
        uint32 standing;
        bool nilReported;
        bool keyDestroyed;
        bytes32 publicKey;
        mapping(uint32 revision => Commitment) commitments;
    }

    uint256 private constant _CATEGORIES_MAXIMUM = 16;
    /// @dev Categories there can be in all; bounds {meetsDuties}.
    uint256 private constant _CATALOGUE_MAXIMUM = 64;
    uint32 private constant _COUNT_MINIMUM = 1024;

    IMemberRegistry private immutable _MEMBERS;
    IPlatformParameters private immutable _PARAMETERS;

    mapping(bytes32 category => Category) private _categories;
    bytes32[] private _categoryList;
    DatasetId[] private _datasetIds;
    mapping(DatasetId dataset => Dataset) private _datasets;
    mapping(MemberId holder => mapping(bytes32 category => DatasetId dataset)) private _datasetCovering;
    mapping(DatasetId dataset => mapping(uint32 epoch => EpochRecord)) private _epochs;
    mapping(bytes32 publicKey => bool) private _keyCommitted;

    constructor(
        address authority_,
        IEmergency emergency_,
        IPlatformParameters parameters,
        IMemberRegistry members
    ) Governed(authority_, emergency_, DATA) {
        _PARAMETERS = parameters;
        _MEMBERS = members;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IDatasetRegistry
    /// @dev A new mandatory category binds its owners from the moment it is defined.
    function defineCategory(bytes32 category, CategoryTerms calldata terms) external restricted whenNotFrozen {
        if (category == 0) revert CategoryUnknown(category);
        if (_categories[category].defined) revert CategoryAlreadyDefined(category);
        if (_categoryList.length == _CATALOGUE_MAXIMUM) revert CategoryCatalogueFull(_CATALOGUE_MAXIMUM);
        _categoryList.push(category);
        _setTerms(category, terms);
        emit CategoryDefined(category, terms);
    }

    /// @inheritdoc IDatasetRegistry
    /// @dev Datasets that cover the category stay as they are; duties follow the new terms at once.
    function amendCategory(bytes32 category, CategoryTerms calldata terms) external restricted whenNotFrozen {
        if (!_categories[category].defined) revert CategoryUnknown(category);
        _setTerms(category, terms);
        emit CategoryAmended(category, terms);
    }

    /// @inheritdoc IDatasetRegistry
    /// @dev `categories` strictly ascending, 1 to 16. A category of a holder belongs to one dataset, so that splitting it
    /// into many earns no more than one.
    function registerDataset(
        bytes32 label,
        bytes32[] calldata categories
    ) external whenNotFrozen returns (DatasetId dataset) {
        MemberId holder = _MEMBERS.entitledMemberOf(_msgSender(), Capability.Publish);
        dataset = datasetIdOf(holder, label);
        if (_isKnown(dataset)) revert DatasetAlreadyRegistered(dataset);
        if (categories.length == 0 || categories.length > _CATEGORIES_MAXIMUM) revert CategoryListInvalid();
        MemberKind kind = _MEMBERS.getMember(holder).kind;
        for (uint256 i = 0; i < categories.length; ++i) {
            if (i != 0 && categories[i] <= categories[i - 1]) revert CategoryListInvalid();
            _cover(holder, kind, dataset, categories[i]);
        }
        _datasetIds.push(dataset);
        _datasets[dataset] = Dataset({
            holder: holder,
            registeredAt: _ledgerTime(),
            latestEpoch: 0,
            label: label,
            categories: categories
        });
        emit DatasetRegistered(dataset, holder, label, categories);
    }

    /// @inheritdoc IDatasetRegistry
    function publish(DatasetId dataset, Publication calldata publication) external whenNotFrozen {
        MemberId holder = _MEMBERS.activeMemberOf(_msgSender());
        _requireOwner(dataset, holder);
        _requireComplete(publication);
        uint32 epoch = publication.epoch;
        uint32 current = _PARAMETERS.currentEpoch();
        if (epoch != current) revert EpochNotOpen(epoch, current);
        EpochRecord storage record = _epochs[dataset][epoch];
        _requireNextRevision(dataset, publication, record.revisions + 1);
        _commitKey(dataset, epoch, record, publication.publicKey);

        ++record.revisions;
        ++record.standing;
        record.commitments[publication.revision] = Commitment({
            publication: publication,
            publishedAt: _ledgerTime(),
            withdrawn: false
        });
        _datasets[dataset].latestEpoch = epoch;
        emit CommitmentPublished(dataset, holder, epoch, publication);
        incentiveRules().onPublished(holder, dataset, epoch, publication.revision, publication.entryCount);
    }

    /// @inheritdoc IDatasetRegistry
    /// @dev For the running epoch or the one before it, and only while nothing stands published in it.
    function fileNilReport(DatasetId dataset, uint32 epoch, bytes32 reportDigest) external whenNotFrozen {
        _requireOwner(dataset, _MEMBERS.activeMemberOf(_msgSender()));
        uint32 current = _PARAMETERS.currentEpoch();
        if (epoch == 0 || epoch > current || epoch + 1 < current) revert EpochNotOpen(epoch, current);
        EpochRecord storage record = _epochs[dataset][epoch];
        if (record.standing != 0) revert CommitmentAlreadyPublished(dataset, epoch, record.revisions);
        if (record.nilReported) revert NilReportAlreadyFiled(dataset, epoch);
        record.nilReported = true;
        emit NilReportFiled(dataset, epoch, reportDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function withdraw(DatasetId dataset, uint32 epoch, uint32 revision, bytes32 reasonDigest) external whenDisposable {
        _requireOwner(dataset, _MEMBERS.memberOf(_msgSender()));
        EpochRecord storage record = _epochs[dataset][epoch];
        Commitment storage commitment = record.commitments[revision];
        if (commitment.publishedAt == 0) revert CommitmentUnknown(dataset, epoch, revision);
        if (commitment.withdrawn) revert CommitmentAlreadyWithdrawn(dataset, epoch, revision);
        commitment.withdrawn = true;
        --record.standing;
        emit CommitmentWithdrawn(dataset, epoch, revision, reasonDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function recordKeyDestruction(DatasetId dataset, uint32 epoch, bytes32 attestationDigest) external whenDisposable {
        _requireOwner(dataset, _MEMBERS.memberOf(_msgSender()));
        uint32 current = _PARAMETERS.currentEpoch();
        if (epoch >= current) revert EpochNotOver(epoch, current);
        EpochRecord storage record = _epochs[dataset][epoch];
        if (record.revisions == 0) revert CommitmentUnknown(dataset, epoch, 1);
        if (record.keyDestroyed) revert EpochKeyAlreadyDestroyed(dataset, epoch);
        record.keyDestroyed = true;
        emit EpochKeyDestroyed(dataset, epoch, attestationDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function getCategory(bytes32 category) external view returns (CategoryTerms memory) {
        Category storage record = _categories[category];
        if (!record.defined) revert CategoryUnknown(category);
        return record.terms;
    }

    /// @inheritdoc IDatasetRegistry
    function catalogue() external view returns (bytes32[] memory) {
        return _categoryList;
    }

    /// @inheritdoc IDatasetRegistry
    function datasetCovering(MemberId holder, bytes32 category) external view returns (DatasetId) {
        return _datasetCovering[holder][category];
    }

    /// @inheritdoc IDatasetRegistry
    function datasetCount() external view returns (uint256) {
        return _datasetIds.length;
    }

    /// @inheritdoc IDatasetRegistry
    function datasetAt(uint256 index) external view returns (DatasetId) {
        return _datasetIds[index];
    }

    /// @inheritdoc IDatasetRegistry
    function getDataset(DatasetId dataset) external view returns (Dataset memory) {
        _requireKnown(dataset);
        return _datasets[dataset];
    }

    /// @inheritdoc IDatasetRegistry
    function revisionCount(DatasetId dataset, uint32 epoch) external view returns (uint32) {
        return _epochs[dataset][epoch].revisions;
    }

    /// @inheritdoc IDatasetRegistry
    function latestCommitment(DatasetId dataset) external view returns (Commitment memory) {
        _requireKnown(dataset);
        uint32 epoch = _datasets[dataset].latestEpoch;
        return getCommitment(dataset, epoch, _epochs[dataset][epoch].revisions);
    }

    /// @inheritdoc IDatasetRegistry
    function standingOf(DatasetId dataset) external view returns (MemberId holder, uint32 epoch, uint32 revision) {
        holder = _datasets[dataset].holder;
        epoch = _datasets[dataset].latestEpoch;
        EpochRecord storage record = _epochs[dataset][epoch];
        // Epochs count from 1; epoch 0 holds nothing.
        revision = record.revisions;
        if (record.commitments[revision].withdrawn) return (holder, 0, 0);
    }

    /// @inheritdoc IDatasetRegistry
    /// @dev A withdrawn commitment meets no duty. Kinds that own no mandatory category always meet theirs.
    function meetsDuties(MemberId member) external view returns (bool) {
        MemberKind kind = _MEMBERS.getMember(member).kind;
        uint32 current = _PARAMETERS.currentEpoch();
        for (uint256 i = 0; i < _categoryList.length; ++i) {
            CategoryTerms storage terms = _categories[_categoryList[i]].terms;
            if (!terms.mandatory || !_owns(terms, kind)) continue;
            DatasetId dataset = _datasetCovering[member][_categoryList[i]];
            // Epochs count from 1; epoch 0 holds nothing.
            if (!_isReported(dataset, current) && !_isReported(dataset, current - 1)) return false;
        }
        return true;
    }

    /// @inheritdoc IDatasetRegistry
    function isCountClass(uint32 entryCount) external pure returns (bool) {
        return isClass(entryCount, _COUNT_MINIMUM);
    }

    /// @inheritdoc IDatasetRegistry
    function datasetIdOf(MemberId holder, bytes32 label) public view returns (DatasetId) {
        return DatasetId.wrap(keccak256(abi.encode(block.chainid, address(this), holder, label)));
    }

    /// @inheritdoc IDatasetRegistry
    function getCommitment(
        DatasetId dataset,
        uint32 epoch,
        uint32 revision
    ) public view returns (Commitment memory commitment) {
        commitment = _epochs[dataset][epoch].commitments[revision];
        if (commitment.publishedAt == 0) revert CommitmentUnknown(dataset, epoch, revision);
    }

    /// @dev The first revision of an epoch fixes its key, which must be new to the world; later ones must repeat it.
    function _commitKey(DatasetId dataset, uint32 epoch, EpochRecord storage record, bytes32 publicKey) private {
        if (record.revisions == 0) {
            if (_keyCommitted[publicKey]) revert EpochKeyReused(publicKey);
            _keyCommitted[publicKey] = true;
            record.publicKey = publicKey;
        } else if (record.publicKey != publicKey) {
            revert EpochKeyMismatch(dataset, epoch, record.publicKey, publicKey);
        }
    }

    function _cover(MemberId holder, MemberKind kind, DatasetId dataset, bytes32 category) private {
        Category storage record = _categories[category];
        if (!record.defined) revert CategoryUnknown(category);
        if (!_owns(record.terms, kind)) revert CategoryNotOwned(category, holder, kind);
        DatasetId covering = _datasetCovering[holder][category];
        if (_isKnown(covering)) revert CategoryAlreadyCovered(category, covering);
        _datasetCovering[holder][category] = dataset;
    }

    /// @dev Owners are kinds of members, of which the first (`None`) is none.
    function _setTerms(bytes32 category, CategoryTerms calldata terms) private {
        if (terms.owners == 0 || terms.owners & 1 != 0 || terms.owners >> (uint256(type(MemberKind).max) + 1) != 0) {
            revert CategoryOwnersInvalid(category, terms.owners);
        }
        _categories[category] = Category({defined: true, terms: terms});
    }

    function _owns(CategoryTerms storage terms, MemberKind kind) private view returns (bool) {
        return terms.owners & (uint16(1) << uint16(kind)) != 0;
    }

    function _isReported(DatasetId dataset, uint32 epoch) private view returns (bool) {
        EpochRecord storage record = _epochs[dataset][epoch];
        return record.standing != 0 || record.nilReported;
    }

    function _requireOwner(DatasetId dataset, MemberId caller) private view {
        _requireKnown(dataset);
        if (_datasets[dataset].holder != caller) revert DatasetNotOwned(dataset, caller);
    }

    function _requireKnown(DatasetId dataset) private view {
        if (!_isKnown(dataset)) revert DatasetUnknown(dataset);
    }

    function _isKnown(DatasetId dataset) private view returns (bool) {
        return _datasets[dataset].registeredAt != 0;
    }

    function _requireNextRevision(DatasetId dataset, Publication calldata publication, uint32 expected) private pure {
        uint32 given = publication.revision;
        if (given != 0 && given < expected) revert CommitmentAlreadyPublished(dataset, publication.epoch, given);
        if (given != expected) revert RevisionOutOfOrder(dataset, publication.epoch, expected, given);
    }

    function _requireComplete(Publication calldata publication) private pure {
        if (
            publication.root == 0 ||
            publication.publicKey == 0 ||
            publication.statisticsDigest == 0 ||
            publication.entrySize == 0 ||
            publication.suite == 0 ||
            publication.schema == 0
        ) revert PublicationIncomplete();
        if (!isClass(publication.entryCount, _COUNT_MINIMUM)) revert EntryCountNotAClass(publication.entryCount);
    }
}
