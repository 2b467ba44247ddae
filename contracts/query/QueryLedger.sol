// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAlgorithmNodes} from "../computation/IAlgorithmNodes.sol";
import {IDatasetRegistry} from "../data/IDatasetRegistry.sol";
import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IPlatformParameters} from "../governance/IPlatformParameters.sol";
import {IIncentiveRules} from "../incentive/IIncentiveRules.sol";
import {Incentivised} from "../incentive/Incentivised.sol";
import {IPoints} from "../incentive/IPoints.sol";
import {Capability} from "../membership/Capability.sol";
import {IMemberRegistry, MemberStatus} from "../membership/IMemberRegistry.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";
import {QUERIES} from "../types/Scope.sol";
import {SessionId} from "../types/SessionId.sol";
import {Allotment, IQueryLedger, LaneHead, Session, SessionStatus} from "./IQueryLedger.sol";

/// @title Who may ask, what it cost, what was recorded
/// @notice A querier locks points for a session and spends them by vouchers signed off chain; holders turn vouchers into
/// points; leaves of what was asked are anchored; what was not spent returns.
///
/// The ledger's own balance of points is always the sum of `locked - paid` over the sessions that are not closed.
///
/// Vouchers are checked by key recovery alone, never by ERC-1271: a signer that became a contract (or delegated to one
/// under EIP-7702) could otherwise disown vouchers for answers it already has. An operator that is a contract can thus open
/// a session but sign no voucher for it.
///
/// Beware: the penalty for missing leaves is taken from the unspent rest. A session that was spent to the last point has
/// no rest; the missing count in {SessionClosed} still names the fault.
contract QueryLedger is IQueryLedger, EIP712, Incentivised {
    /// @dev A {Session} in storage order, with the window and the highest price fixed at its opening.
    struct SessionRecord {
        MemberId querier;
        address signer;
        SessionStatus status;
        uint32 settlementWindow;
        uint64 openedAt;
        uint64 expiresAt;
        uint32 batches;
        uint32 leavesAnchored;
        uint32 largestSettled;
        uint128 locked;
        uint128 paid;
        uint96 highestPrice;
    }

    struct AllotmentRecord {
        uint32 granted;
        uint32 settled;
        uint96 price;
        MemberId holder;
    }

    struct Lane {
        uint64 count;
        bytes32 transcript;
    }

    uint256 private constant _DATASETS_MAXIMUM = 256;
    uint32 private constant _LANES = 16;
    bytes32 private constant _VOUCHER_TYPEHASH = keccak256(
        "Voucher(bytes32 session,bytes32 dataset,uint32 lane,uint64 count,bytes32 transcript)"
    );

    IPlatformParameters private immutable _PARAMETERS;
    IMemberRegistry private immutable _MEMBERS;
    IDatasetRegistry private immutable _DATASETS;
    IPoints private immutable _POINTS;
    IAlgorithmNodes private immutable _NODES;

    bytes32 private _instanceSalt;
    mapping(SessionId session => SessionRecord) private _sessions;
    mapping(SessionId session => mapping(DatasetId dataset => AllotmentRecord)) private _allotments;
    mapping(SessionId session => mapping(DatasetId dataset => mapping(uint32 lane => Lane))) private _lanes;

    constructor(
        address authority_,
        IEmergency emergency_,
        IPlatformParameters parameters,
        IMemberRegistry members,
        IDatasetRegistry datasets,
        IPoints points,
        IAlgorithmNodes nodes
    ) EIP712("RiskVeil QueryLedger", "1") Governed(authority_, emergency_, QUERIES) {
        _PARAMETERS = parameters;
        _MEMBERS = members;
        _DATASETS = datasets;
        _POINTS = points;
        _NODES = nodes;
    }

    /// @param salt 32 random bytes, new for every deployment.
    function initialize(bytes32 salt) external initializer {
        _instanceSalt = keccak256(abi.encode(salt, blockhash(block.number - 1)));
    }

    /// @inheritdoc IQueryLedger
    /// @dev The caller becomes the signer of all the session's vouchers, also if it is retired as an operator meanwhile.
    function openSession(
        uint64 nonce,
        DatasetId[] calldata datasets,
        uint32[] calldata allotments,
        uint64 expiresAt
    ) external whenNotFrozen returns (SessionId session) {
        MemberId querier = _MEMBERS.entitledMemberOf(_msgSender(), Capability.Query);
        session = sessionIdOf(querier, nonce);
        if (_sessions[session].status != SessionStatus.None) revert SessionAlreadyOpened(session);
        if (datasets.length != allotments.length) revert SessionListsMismatch(datasets.length, allotments.length);
        if (datasets.length == 0 || datasets.length > _DATASETS_MAXIMUM) revert SessionDatasetsInvalid(datasets.length);
        uint64 moment = _ledgerTime();
        _requireExpiry(moment, expiresAt);
        if (!_DATASETS.meetsDuties(querier)) revert QuerierDutiesUnmet(querier);

        (uint256 locked, uint96 highestPrice) = _grant(session, datasets, allotments);
        uint256 balance = _POINTS.pointsOf(querier);
        if (balance < locked) revert QuerierBalanceTooLow(querier, balance, locked);
        _sessions[session] = SessionRecord({
            querier: querier,
            signer: _msgSender(),
            status: SessionStatus.Open,
            settlementWindow: _PARAMETERS.settlementWindow(),
            openedAt: moment,
            expiresAt: expiresAt,
            batches: 0,
            leavesAnchored: 0,
            largestSettled: 0,
            locked: SafeCast.toUint128(locked),
            paid: 0,
            highestPrice: highestPrice
        });
        emit SessionOpened(session, querier, _msgSender(), expiresAt, datasets, allotments, locked);
        _pay(_MEMBERS.vaultOf(querier), address(this), locked);
    }

    /// @inheritdoc IQueryLedger
    /// @dev A suspended holder is still paid for what it answered; one that has left is not. A proven fork does not stop
    /// settlement: the fault is the querier's.
    function settle(SessionId session, DatasetId dataset, LaneHead[] calldata heads) external whenNotFrozen {
        SessionRecord storage record = _notClosed(session);
        uint64 until = _settlesUntil(record);
        if (_ledgerTime() > until) revert SettlementTooLate(session, until);
        AllotmentRecord storage allotment = _allotted(session, dataset);
        MemberId holder = allotment.holder;
        _requireHolder(dataset, holder);
        if (heads.length == 0) revert SettlementEmpty();

        uint256 toHolder = 0;
        uint256 toPool = 0;
        for (uint256 i = 0; i < heads.length; ++i) {
            (uint256 holderPart, uint256 poolPart) = _settleLane(session, dataset, heads[i], record.signer);
            toHolder += holderPart;
            toPool += poolPart;
        }
        record.paid += SafeCast.toUint128(toHolder + toPool);
        if (allotment.settled > record.largestSettled) record.largestSettled = allotment.settled;
        _pay(address(this), _MEMBERS.vaultOf(holder), toHolder);
        _pay(address(this), incentiveRules().pool(), toPool);
    }

    /// @inheritdoc IQueryLedger
    /// @dev Open to the querier's operators whatever its status: a record of what was done is always welcome.
    function anchor(SessionId session, uint32 batch, bytes32[] calldata leaves) external whenNotFrozen {
        SessionRecord storage record = _notClosed(session);
        MemberId caller = _MEMBERS.memberOf(_msgSender());
        if (record.querier != caller) revert SessionNotOwned(session, caller);
        if (batch != record.batches) revert BatchOutOfOrder(session, record.batches, batch);
        uint256 size = leaves.length;
        if (size != 16 && size != 64 && size != 256 && size != 1024) revert BatchSizeInvalid(size);
        record.batches = batch + 1;
        record.leavesAnchored += uint32(size);
        emit LeavesAnchored(session, batch, leaves);
    }

    /// @inheritdoc IQueryLedger
    /// @dev Open to anyone: the two signatures speak for themselves.
    function proveFork(
        SessionId session,
        DatasetId dataset,
        LaneHead calldata first,
        LaneHead calldata second
    ) external whenNotFrozen {
        SessionRecord storage record = _notClosed(session);
        if (record.status != SessionStatus.Open) revert SessionNotOpen(session, record.status);
        _allotted(session, dataset);
        if (first.lane != second.lane || first.count != second.count || first.transcript == second.transcript) {
            revert ForkNotProven();
        }
        if (!_isSigned(session, dataset, first, record.signer) || !_isSigned(session, dataset, second, record.signer)) {
            revert ForkNotProven();
        }
        record.status = SessionStatus.Faulted;
        emit ForkProven(session, dataset, _msgSender(), first.lane, first.count, first.transcript, second.transcript);
    }

    /// @inheritdoc IQueryLedger
    function closeSession(SessionId session) external whenNotFrozen {
        SessionRecord storage record = _notClosed(session);
        uint64 until = _settlesUntil(record);
        if (_ledgerTime() <= until) revert SessionNotClosable(session, until + 1);

        uint256 rest = record.locked - record.paid;
        uint32 missing =
            record.largestSettled > record.leavesAnchored ? record.largestSettled - record.leavesAnchored : 0;
        uint256 forfeited =
            record.status == SessionStatus.Faulted ? rest : Math.min(rest, uint256(missing) * record.highestPrice);
        record.status = SessionStatus.Closed;
        emit SessionClosed(session, rest - forfeited, forfeited, missing);
        _pay(address(this), _MEMBERS.vaultOf(record.querier), rest - forfeited);
        _pay(address(this), incentiveRules().pool(), forfeited);
    }

    /// @inheritdoc IQueryLedger
    function instanceSalt() external view returns (bytes32) {
        return _instanceSalt;
    }

    /// @inheritdoc IQueryLedger
    /// @dev All zero, status `None`, for an unknown session.
    function getSession(SessionId session) external view returns (Session memory) {
        SessionRecord storage record = _sessions[session];
        return
            Session({
                querier: record.querier,
                signer: record.signer,
                status: record.status,
                openedAt: record.openedAt,
                expiresAt: record.expiresAt,
                batches: record.batches,
                leavesAnchored: record.leavesAnchored,
                largestSettled: record.largestSettled,
                locked: record.locked,
                paid: record.paid
            });
    }

    /// @inheritdoc IQueryLedger
    function settlesUntil(SessionId session) external view returns (uint64) {
        return _settlesUntil(_sessions[session]);
    }

    /// @inheritdoc IQueryLedger
    /// @dev All zero where the session has no allotment.
    function getAllotment(SessionId session, DatasetId dataset) external view returns (Allotment memory) {
        AllotmentRecord storage record = _allotments[session][dataset];
        return Allotment({granted: record.granted, settled: record.settled, price: record.price});
    }

    /// @inheritdoc IQueryLedger
    function getLane(
        SessionId session,
        DatasetId dataset,
        uint32 lane
    ) external view returns (uint64 count, bytes32 transcript) {
        Lane storage record = _lanes[session][dataset][lane];
        return (record.count, record.transcript);
    }

    /// @inheritdoc IQueryLedger
    function sessionIdOf(MemberId querier, uint64 nonce) public view returns (SessionId) {
        return SessionId.wrap(keccak256(abi.encode(block.chainid, address(this), _instanceSalt, querier, nonce)));
    }

    /// @inheritdoc IQueryLedger
    function voucherDigest(
        SessionId session,
        DatasetId dataset,
        uint32 lane,
        uint64 count,
        bytes32 transcript
    ) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_VOUCHER_TYPEHASH, session, dataset, lane, count, transcript)));
    }

    /// @dev Writes the allotments at today's prices; returns what they cost together and the highest price among them.
    function _grant(
        SessionId session,
        DatasetId[] calldata datasets,
        uint32[] calldata allotments
    ) private returns (uint256 cost, uint96 highestPrice) {
        IIncentiveRules rules = incentiveRules();
        for (uint256 i = 0; i < datasets.length; ++i) {
            DatasetId dataset = datasets[i];
            uint32 granted = allotments[i];
            if (i != 0 && DatasetId.unwrap(dataset) <= DatasetId.unwrap(datasets[i - 1])) {
                revert SessionDatasetsUnordered(datasets[i - 1], dataset);
            }
            if (!_isCoarse(granted)) revert AllotmentNotCoarse(granted);
            MemberId holder = _providerOf(dataset);
            uint96 price = rules.priceOf(dataset);
            _allotments[session][dataset] = AllotmentRecord({
                granted: granted,
                settled: 0,
                price: price,
                holder: holder
            });
            // At most 256 * 16,384 * 2^96 < 2^119.
            cost += uint256(granted) * price;
            if (price > highestPrice) highestPrice = price;
        }
    }

    /// @dev Whoever answers for it: a node for its services, a holder for its datasets.
    function _providerOf(DatasetId dataset) private view returns (MemberId provider) {
        provider = _NODES.providerOf(dataset);
        if (MemberId.unwrap(provider) == 0) provider = _DATASETS.getDataset(dataset).holder;
    }

    /// @dev Moves one lane on to a later voucher; returns how its price divides.
    function _settleLane(
        SessionId session,
        DatasetId dataset,
        LaneHead calldata head,
        address signer
    ) private returns (uint256 toHolder, uint256 toPool) {
        if (head.lane >= _LANES) revert LaneOutOfRange(head.lane, _LANES);
        Lane storage lane = _lanes[session][dataset][head.lane];
        if (head.count <= lane.count) revert VoucherStale(head.lane, lane.count, head.count);
        if (!_isSigned(session, dataset, head, signer)) revert VoucherSignatureInvalid(head.lane);

        AllotmentRecord storage allotment = _allotments[session][dataset];
        uint256 evaluated = head.count - lane.count;
        uint256 wanted = allotment.settled + evaluated;
        if (wanted > allotment.granted) revert AllotmentExceeded(session, dataset, wanted, allotment.granted);
        // Fits, being no more than `granted`.
        allotment.settled = uint32(wanted);
        lane.count = head.count;
        lane.transcript = head.transcript;
        uint256 amount = evaluated * allotment.price;
        (toHolder, toPool) = incentiveRules().split(amount);
        // Rules are replaced more easily than this ledger: they divide what is due, they do not reach into other sessions.
        if (toHolder > amount || toPool != amount - toHolder) revert SplitInvalid(amount, toHolder, toPool);
        emit LaneSettled(session, dataset, allotment.holder, head.lane, head.count, head.transcript, toHolder, toPool);
    }

    function _pay(address from, address to, uint256 amount) private {
        if (amount != 0) _POINTS.move(from, to, amount);
    }

    function _notClosed(SessionId session) private view returns (SessionRecord storage record) {
        record = _sessions[session];
        SessionStatus status = record.status;
        if (status == SessionStatus.None) revert SessionUnknown(session);
        if (status == SessionStatus.Closed) revert SessionNotOpen(session, status);
    }

    function _allotted(SessionId session, DatasetId dataset) private view returns (AllotmentRecord storage record) {
        record = _allotments[session][dataset];
        if (record.granted == 0) revert AllotmentUnknown(session, dataset);
    }

    function _settlesUntil(SessionRecord storage record) private view returns (uint64) {
        return record.expiresAt + record.settlementWindow;
    }

    /// @dev The caller acts for `holder`, which is active or suspended.
    function _requireHolder(DatasetId dataset, MemberId holder) private view {
        MemberId caller = _MEMBERS.memberOf(_msgSender());
        if (caller != holder) revert SettlementNotByHolder(dataset, caller);
        if (_MEMBERS.isActive(holder)) return;
        MemberStatus status = _MEMBERS.getMember(holder).status;
        if (status != MemberStatus.Suspended) revert IMemberRegistry.MemberNotActive(holder, status);
    }

    function _requireExpiry(uint64 moment, uint64 expiresAt) private view {
        uint64 latest = moment + _PARAMETERS.maximumSessionDuration();
        if (expiresAt <= moment || expiresAt > latest) revert SessionExpiryInvalid(expiresAt, moment + 1, latest);
    }

    function _isSigned(
        SessionId session,
        DatasetId dataset,
        LaneHead calldata head,
        address signer
    ) private view returns (bool) {
        bytes32 digest = voucherDigest(session, dataset, head.lane, head.count, head.transcript);
        (address recovered, ECDSA.RecoverError fault, ) = ECDSA.tryRecoverCalldata(digest, head.signature);
        return fault == ECDSA.RecoverError.NoError && recovered == signer;
    }

    function _isCoarse(uint32 allotment) private pure returns (bool) {
        return
            allotment == 16 ||
            allotment == 64 ||
            allotment == 256 ||
            allotment == 1024 ||
            allotment == 4096 ||
            allotment == 16_384;
    }
}
