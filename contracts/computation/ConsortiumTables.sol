// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {isCountClass, SMALLEST_COUNT_CLASS} from "../data/CountClass.sol";
import {IDatasetRegistry} from "../data/IDatasetRegistry.sol";
import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {Capability} from "../membership/Capability.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";
import {DATA} from "../types/Scope.sol";
import {IAlgorithmNodes} from "./IAlgorithmNodes.sol";
import {ContributionRecord, Edition, EditionStatus, EditionTerms, IConsortiumTables} from "./IConsortiumTables.sol";
import {IKeyRounds, Round} from "./IKeyRounds.sol";

/// @title The consortium table, edition by edition
/// @notice One edition at a time; of each, one merge is ever committed to, so two sums that differ by one contributor cannot both be
/// opened. Contributions end with the second in which the collecting does; the aggregator and the nodes may be late until
/// somebody calls {abandon}, or another set is chosen.
///
/// Beware: what a root stands for is checked off chain, by every node of the set before it gives its shares. One honest node among
/// them is enough for a false merge never to be published.
contract ConsortiumTables is IConsortiumTables, Governed {
    /// @dev What an edition needs beside what {Edition} shows. `accused`: a node of the set of this attempt was.
    struct Course {
        uint32 stage;
        uint64 mergedAt;
        bool accused;
        uint32 aggregatorAccusers;
    }

    /// @dev What a node of a set has said in an attempt.
    struct Word {
        bytes32 sharesDigest;
        bytes32 tableRoot;
    }

    uint32 private constant _CONTRIBUTORS_MINIMUM = 3;
    uint32 private constant _CONTRIBUTORS_MAXIMUM = 4096;
    uint32 private constant _SECONDS_MAXIMUM = 366 days;
    /// @dev As many as a holder can have: one for each category of the catalogue.
    uint256 private constant _DATASETS_MAXIMUM = 64;
    uint256 private constant _PROOF_BYTES = 64;
    /// @dev The largest class whose table is read as one file: 528 bytes a row, below 2 GiB.
    uint32 private constant _ROWS_MAXIMUM = 7 << 19;
    /// @dev All attempts together have this many times a stage.
    uint256 private constant _STAGES = 3;

    IMemberRegistry private immutable _MEMBERS;
    IDatasetRegistry private immutable _DATASETS;
    IAlgorithmNodes private immutable _NODES;
    IKeyRounds private immutable _ROUNDS;

    EditionTerms private _terms;
    /// @dev Editions count from 1.
    uint32 private _editionCount;
    uint32 private _latestPublished;
    mapping(uint32 edition => Edition) private _editions;
    mapping(uint32 edition => Course) private _courses;
    mapping(uint32 edition => MemberId[]) private _contributors;
    mapping(uint32 edition => mapping(MemberId contributor => ContributionRecord)) private _contributions;
    mapping(uint32 edition => mapping(uint32 attempt => mapping(MemberId node => Word))) private _words;
    /// @dev By keccak-256 of edition, attempt, accuser and accused.
    mapping(bytes32 refusal => bool) private _refused;
    mapping(uint32 edition => mapping(MemberId accuser => bool)) private _accusedAggregator;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members,
        IDatasetRegistry datasets,
        IAlgorithmNodes nodes,
        IKeyRounds rounds
    ) Governed(authority_, emergency_, DATA) {
        _MEMBERS = members;
        _DATASETS = datasets;
        _NODES = nodes;
        _ROUNDS = rounds;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IConsortiumTables
    /// @dev k from 3 on; times from 1 second to 366 days; `leastRows` a count class.
    function setTerms(EditionTerms calldata terms_) external restricted whenNotFrozen {
        bool valid =
            terms_.leastContributors >= _CONTRIBUTORS_MINIMUM &&
                terms_.leastContributors <= _CONTRIBUTORS_MAXIMUM &&
                isCountClass(terms_.leastRows, SMALLEST_COUNT_CLASS) &&
                _isDuration(terms_.period) &&
                _isDuration(terms_.collecting) &&
                _isDuration(terms_.stage);
        if (!valid) revert EditionTermsInvalid();
        _requireAggregator(terms_.aggregator);
        _terms = terms_;
        emit EditionTermsChanged(terms_);
    }

    /// @inheritdoc IConsortiumTables
    function open() external whenNotFrozen returns (uint32 edition) {
        _caller();
        EditionTerms memory agreed = _terms;
        if (agreed.period == 0) revert EditionTermsInvalid();
        _requireAggregator(agreed.aggregator);
        edition = _editionCount;
        uint64 moment = _ledgerTime();
        if (edition != 0) {
            Edition storage previous = _editions[edition];
            if (previous.status != EditionStatus.Published && previous.status != EditionStatus.Abandoned) {
                revert EditionRunning(edition);
            }
            uint64 dueAt = previous.openedAt + agreed.period;
            if (moment < dueAt) revert EditionNotDue(dueAt);
        }
        _editionCount = ++edition;
        _begin(edition, agreed, moment);
    }

    /// @inheritdoc IConsortiumTables
    /// @dev At most 64 datasets, as many as a holder can have.
    function contribute(
        uint32 edition,
        bytes32 root,
        uint32 rows,
        bytes calldata proof,
        DatasetId[] calldata datasets,
        uint32[] calldata epochs,
        uint32[] calldata revisions
    ) external whenNotFrozen {
        MemberId contributor = _MEMBERS.entitledMemberOf(_msgSender(), Capability.Publish);
        _recordContribution(edition, contributor, root, rows, proof);
        _requireBasis(contributor, datasets, epochs, revisions);
        emit ContributionPosted(edition, contributor, root, rows, proof, datasets, epochs, revisions);
    }

    /// @inheritdoc IConsortiumTables
    /// @dev Early only with k contributions: with fewer the collecting is given all its time.
    function close(uint32 edition) external whenNotFrozen {
        Edition storage record = _in(edition, EditionStatus.Collecting);
        bool enough = record.contributors >= record.leastContributors;
        if (_ledgerTime() < record.stageEndsAt && !(enough && _allContributed(edition))) {
            revert EditionStageNotOver(edition, record.stageEndsAt);
        }
        if (enough) _beginStage(edition, EditionStatus.Merging);
        else _abandon(edition, "CONTRIBUTORS_TOO_FEW");
    }

    /// @inheritdoc IConsortiumTables
    /// @dev Where fewer than k remain the edition is abandoned.
    function exclude(
        uint32 edition,
        MemberId[] calldata contributors,
        bytes32[] calldata reasons
    ) external whenNotFrozen {
        Edition storage record = _asAggregator(edition, EditionStatus.Merging);
        if (contributors.length != reasons.length) revert ExclusionInvalid(contributors.length, reasons.length);
        for (uint256 i = 0; i < contributors.length; ++i) {
            MemberId contributor = contributors[i];
            ContributionRecord storage contribution = _contributions[edition][contributor];
            if (contribution.postedAt == 0) revert ContributionUnknown(edition, contributor);
            if (contribution.excluded) revert ContributionAlreadyExcluded(edition, contributor);
            if (reasons[i] == 0) revert ExclusionInvalid(contributors.length, reasons.length);
            contribution.excluded = true;
            --record.contributors;
            emit ContributionExcluded(edition, contributor, reasons[i]);
        }
        if (record.contributors < record.leastContributors) _abandon(edition, "CONTRIBUTORS_TOO_FEW");
    }

    /// @inheritdoc IConsortiumTables
    function merge(uint32 edition, bytes32 root, uint32 rows, bytes calldata proof) external whenNotFrozen {
        Edition storage record = _asAggregator(edition, EditionStatus.Merging);
        if (root == 0 || proof.length != _PROOF_BYTES) revert MergeInvalid();
        _requireClass(rows, record.leastRows);
        record.mergedRoot = root;
        record.mergedRows = rows;
        record.mergeProofDigest = keccak256(proof);
        _courses[edition].mergedAt = _ledgerTime();
        emit ContributionsMerged(edition, root, rows, proof);
        _beginStage(edition, EditionStatus.Stripping);
    }

    /// @inheritdoc IConsortiumTables
    function chooseStripSet(uint32 edition, MemberId[] calldata nodes) external whenNotFrozen {
        Edition storage record = _asAggregator(edition, EditionStatus.Stripping);
        Course storage course = _courses[edition];
        uint64 moment = _ledgerTime();
        uint32 attempt = record.attempt;
        if (attempt != 0 && moment < record.stageEndsAt && !course.accused) {
            revert StripSetWorking(edition, attempt, record.stageEndsAt);
        }
        _requireStripSet(record.layerRound, nodes);
        record.attempt = ++attempt;
        record.stripSet = nodes;
        record.stageEndsAt = moment + course.stage;
        course.accused = false;
        emit StripSetChosen(edition, attempt, nodes);
    }

    /// @inheritdoc IConsortiumTables
    function postShares(uint32 edition, uint32 attempt, bytes32 digest) external whenNotFrozen {
        MemberId node = _asStripper(edition, attempt);
        if (digest == 0) revert StripDigestEmpty(edition);
        Word storage word = _words[edition][attempt][node];
        if (word.sharesDigest != 0) revert StripSharesRepeated(edition, attempt, node);
        word.sharesDigest = digest;
        emit StripSharesPosted(edition, attempt, node, digest);
    }

    /// @inheritdoc IConsortiumTables
    /// @dev The table follows from the shares of the whole set, so nobody names it before all have committed to theirs.
    function confirmTable(uint32 edition, uint32 attempt, bytes32 root) external whenNotFrozen {
        MemberId node = _asStripper(edition, attempt);
        if (root == 0) revert StripDigestEmpty(edition);
        Edition storage record = _editions[edition];
        MemberId[] memory set = record.stripSet;
        mapping(MemberId => Word) storage words = _words[edition][attempt];
        for (uint256 i = 0; i < set.length; ++i) {
            if (words[set[i]].sharesDigest == 0) revert StripSharesMissing(edition, attempt, set[i]);
        }
        if (words[node].tableRoot != 0) revert TableConfirmationRepeated(edition, attempt, node);
        words[node].tableRoot = root;
        emit TableConfirmed(edition, attempt, node, root);
        for (uint256 i = 0; i < set.length; ++i) {
            if (words[set[i]].tableRoot != root) return;
        }
        record.status = EditionStatus.Published;
        record.stageEndsAt = 0;
        record.publishedAt = _ledgerTime();
        record.tableRoot = root;
        _latestPublished = edition;
        emit EditionPublished(edition, root, record.mergedRows);
    }

    /// @inheritdoc IConsortiumTables
    /// @dev A node may name itself: then another set is chosen. An accused that is the aggregator and a node of the set is both.
    function refuse(
        uint32 edition,
        uint32 attempt,
        MemberId accused,
        bytes32 reason,
        bytes32 evidenceDigest
    ) external whenNotFrozen {
        MemberId accuser = _asStripper(edition, attempt);
        Edition storage record = _editions[edition];
        bool isNode = _isIn(record.stripSet, accused);
        bool isAggregator = accused == record.aggregator;
        if (!isNode && !isAggregator) revert NotInStripSet(edition, accused);
        if (reason == 0 || evidenceDigest == 0) revert StripDigestEmpty(edition);
        bytes32 key = keccak256(abi.encode(edition, attempt, accuser, accused));
        if (_refused[key]) revert StripRefusalRepeated(edition, attempt, accuser, accused);
        _refused[key] = true;
        if (isNode) _courses[edition].accused = true;
        emit StripRefused(edition, attempt, accused, accuser, reason, evidenceDigest);
        if (isAggregator && accuser != accused) _countAgainstAggregator(edition, accuser);
    }

    /// @inheritdoc IConsortiumTables
    function abandon(uint32 edition) external whenNotFrozen {
        Edition storage record = _editions[edition];
        bool stripping = record.status == EditionStatus.Stripping;
        if (!stripping) _in(edition, EditionStatus.Merging);
        Course storage course = _courses[edition];
        uint64 endsAt = stripping ? course.mergedAt + uint64(_STAGES * course.stage) : record.stageEndsAt;
        if (_ledgerTime() < endsAt) revert EditionStageNotOver(edition, endsAt);
        _abandon(edition, stripping ? bytes32("STRIPPING_LATE") : bytes32("MERGE_LATE"));
    }

    /// @inheritdoc IConsortiumTables
    function terms() external view returns (EditionTerms memory) {
        return _terms;
    }

    /// @inheritdoc IConsortiumTables
    function editionCount() external view returns (uint32) {
        return _editionCount;
    }

    /// @inheritdoc IConsortiumTables
    function getEdition(uint32 edition) external view returns (Edition memory) {
        return _editions[edition];
    }

    /// @inheritdoc IConsortiumTables
    function latestPublished() external view returns (uint32) {
        return _latestPublished;
    }

    /// @inheritdoc IConsortiumTables
    function contributorsOf(uint32 edition) external view returns (MemberId[] memory) {
        return _contributors[edition];
    }

    /// @inheritdoc IConsortiumTables
    function getContribution(uint32 edition, MemberId contributor) external view returns (ContributionRecord memory) {
        return _contributions[edition][contributor];
    }

    /// @inheritdoc IConsortiumTables
    function stripSharesOf(uint32 edition, uint32 attempt, MemberId node) external view returns (bytes32) {
        return _words[edition][attempt][node].sharesDigest;
    }

    function _begin(uint32 edition, EditionTerms memory agreed, uint64 moment) private {
        Edition storage record = _editions[edition];
        record.evaluationRound = _ROUNDS.currentRound(KeyPurpose.Evaluation);
        record.queryRound = _ROUNDS.currentRound(KeyPurpose.Query);
        record.layerRound = _ROUNDS.currentRound(KeyPurpose.Layer);
        if (record.evaluationRound == 0 || record.queryRound == 0 || record.layerRound == 0) {
            revert EditionKeysMissing();
        }
        uint64 closesAt = moment + agreed.collecting;
        record.status = EditionStatus.Collecting;
        record.aggregator = agreed.aggregator;
        record.leastContributors = agreed.leastContributors;
        record.leastRows = agreed.leastRows;
        record.openedAt = moment;
        record.stageEndsAt = closesAt;
        _courses[edition].stage = agreed.stage;
        emit EditionOpened(edition, record.evaluationRound, record.queryRound, record.layerRound, closesAt);
    }

    function _beginStage(uint32 edition, EditionStatus status) private {
        Edition storage record = _editions[edition];
        uint64 endsAt = _ledgerTime() + _courses[edition].stage;
        record.status = status;
        record.stageEndsAt = endsAt;
        emit EditionStageBegun(edition, status, endsAt);
    }

    function _abandon(uint32 edition, bytes32 reason) private {
        Edition storage record = _editions[edition];
        EditionStatus during = record.status;
        record.status = EditionStatus.Abandoned;
        record.stageEndsAt = 0;
        emit EditionAbandoned(edition, during, reason);
    }

    function _recordContribution(
        uint32 edition,
        MemberId contributor,
        bytes32 root,
        uint32 rows,
        bytes calldata proof
    ) private {
        Edition storage record = _in(edition, EditionStatus.Collecting);
        uint64 moment = _ledgerTime();
        if (moment >= record.stageEndsAt) revert ContributionLate(edition, record.stageEndsAt);
        ContributionRecord storage contribution = _contributions[edition][contributor];
        if (contribution.postedAt != 0) revert ContributionRepeated(edition, contributor);
        if (root == 0 || proof.length != _PROOF_BYTES) revert ContributionInvalid();
        _requireClass(rows, record.leastRows);
        contribution.root = root;
        contribution.rows = rows;
        contribution.postedAt = moment;
        contribution.proof = proof;
        ++record.contributors;
        _contributors[edition].push(contributor);
    }

    function _countAgainstAggregator(uint32 edition, MemberId accuser) private {
        if (_accusedAggregator[edition][accuser]) return;
        _accusedAggregator[edition][accuser] = true;
        uint256 accusers = ++_courses[edition].aggregatorAccusers;
        if (accusers >= _editions[edition].stripSet.length) _abandon(edition, "AGGREGATOR_ACCUSED");
    }

    function _requireAggregator(MemberId aggregator) private view {
        bool merges = _MEMBERS.isEntitled(aggregator, Capability.Compute);
        if (!merges || _MEMBERS.isEntitled(aggregator, Capability.Query)) revert AggregatorInvalid(aggregator);
    }

    function _caller() private view returns (MemberId) {
        return _MEMBERS.activeMemberOf(_msgSender());
    }

    function _in(uint32 edition, EditionStatus expected) private view returns (Edition storage record) {
        record = _editions[edition];
        if (record.status != expected) revert EditionWrong(edition, record.status, expected);
    }

    function _asAggregator(uint32 edition, EditionStatus expected) private view returns (Edition storage record) {
        MemberId caller = _caller();
        record = _in(edition, expected);
        if (record.aggregator != caller) revert NotAggregator(edition, caller);
    }

    /// @dev The caller's member, a node of the set that works now.
    function _asStripper(uint32 edition, uint32 attempt) private view returns (MemberId node) {
        node = _caller();
        Edition storage record = _in(edition, EditionStatus.Stripping);
        if (attempt != record.attempt) revert StripAttemptWrong(edition, attempt, record.attempt);
        if (!_isIn(record.stripSet, node)) revert NotInStripSet(edition, node);
    }

    function _requireBasis(
        MemberId contributor,
        DatasetId[] calldata datasets,
        uint32[] calldata epochs,
        uint32[] calldata revisions
    ) private view {
        uint256 count = datasets.length;
        if (count == 0 || count > _DATASETS_MAXIMUM || epochs.length != count || revisions.length != count) {
            revert ContributionInvalid();
        }
        for (uint256 i = 0; i < count; ++i) {
            if (i != 0 && DatasetId.unwrap(datasets[i]) <= DatasetId.unwrap(datasets[i - 1])) {
                revert ContributionInvalid();
            }
            (MemberId holder, uint32 epoch, uint32 revision) = _DATASETS.standingOf(datasets[i]);
            if (holder != contributor || epoch == 0 || epochs[i] != epoch || revisions[i] != revision) {
                revert ContributionBasisInvalid(datasets[i], epochs[i], revisions[i]);
            }
        }
        _requireComplete(contributor, datasets);
    }

    function _requireClass(uint32 rows, uint32 leastRows) private pure {
        if (!isCountClass(rows, leastRows)) revert RowCountNotAClass(rows, leastRows);
        if (rows > _ROWS_MAXIMUM) revert RowsTooMany(rows, _ROWS_MAXIMUM);
    }

    /// @dev Every dataset covers a category, so the catalogue leads to all that the contributor has.
    function _requireComplete(MemberId contributor, DatasetId[] calldata datasets) private view {
        bytes32[] memory catalogue = _DATASETS.catalogue();
        for (uint256 i = 0; i < catalogue.length; ++i) {
            DatasetId dataset = _DATASETS.datasetCovering(contributor, catalogue[i]);
            if (DatasetId.unwrap(dataset) == 0) continue;
            bool named = false;
            for (uint256 j = 0; !named && j < datasets.length; ++j) {
                named = DatasetId.unwrap(datasets[j]) == DatasetId.unwrap(dataset);
            }
            if (named) continue;
            (, uint32 epoch, ) = _DATASETS.standingOf(dataset);
            if (epoch != 0) revert ContributionIncomplete(dataset);
        }
    }

    /// @dev No holder is missing that has something to contribute. Its cost grows with the datasets; once the time is over nobody asks.
    function _allContributed(uint32 edition) private view returns (bool) {
        uint256 count = _DATASETS.datasetCount();
        for (uint256 i = 0; i < count; ++i) {
            (MemberId holder, uint32 epoch, ) = _DATASETS.standingOf(_DATASETS.datasetAt(i));
            if (epoch == 0 || _contributions[edition][holder].postedAt != 0) continue;
            if (_MEMBERS.isActive(holder)) return false;
        }
        return true;
    }

    /// @dev Exactly t nodes of the round that made the layer key, strictly ascending, all active.
    function _requireStripSet(uint32 layerRound, MemberId[] calldata nodes) private view {
        Round memory round = _ROUNDS.getRound(layerRound);
        if (nodes.length != round.threshold) revert StripSetInvalid();
        uint256 place = 0;
        for (uint256 i = 0; i < nodes.length; ++i) {
            // Both lists ascend: each of the set is found behind the one before it.
            while (place < round.nodes.length && round.nodes[place] != nodes[i]) ++place;
            if (place == round.nodes.length || !_NODES.isActiveNode(nodes[i])) revert StripSetInvalid();
            ++place;
        }
    }

    function _isIn(MemberId[] storage set, MemberId member) private view returns (bool) {
        uint256 count = set.length;
        for (uint256 i = 0; i < count; ++i) {
            if (set[i] == member) return true;
        }
        return false;
    }

    function _isDuration(uint32 duration) private pure returns (bool) {
        return duration != 0 && duration <= _SECONDS_MAXIMUM;
    }
}
