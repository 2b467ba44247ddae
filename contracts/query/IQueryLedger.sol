// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";
import {SessionId} from "../types/SessionId.sol";

enum SessionStatus {
    None,
    Open,
    Faulted,
    Closed
}

struct Session {
    MemberId querier;
    address signer;
    SessionStatus status;
    uint64 openedAt;
    uint64 expiresAt;
    uint32 batches;
    uint32 leavesAnchored;
    uint32 largestSettled;
    uint128 locked;
    uint128 paid;
}

/// @dev What a session may spend at one dataset: `granted` evaluations at `price` each, of which `settled` are paid.
struct Allotment {
    uint32 granted;
    uint32 settled;
    uint96 price;
}

/// @dev The last voucher of a lane: cumulative count of evaluated elements and running transcript hash, signed by the
/// session's signer as EIP-712 Voucher(bytes32 session,bytes32 dataset,uint32 lane,uint64 count,bytes32 transcript).
struct LaneHead {
    uint32 lane;
    uint64 count;
    bytes32 transcript;
    bytes signature;
}

/// @title Who may ask, what it cost, what was recorded
/// @notice Sessions with an allotment for each dataset, their settlement by vouchers, and the anchored leaves.
interface IQueryLedger {
    event SessionOpened(
        SessionId indexed session,
        MemberId indexed querier,
        address signer,
        uint64 expiresAt,
        DatasetId[] datasets,
        uint32[] allotments,
        uint256 locked
    );
    event LaneSettled(
        SessionId indexed session,
        DatasetId indexed dataset,
        MemberId indexed holder,
        uint32 lane,
        uint64 count,
        bytes32 transcript,
        uint256 toHolder,
        uint256 toPool
    );
    event LeavesAnchored(SessionId indexed session, uint32 indexed batch, bytes32[] leaves);
    event ForkProven(
        SessionId indexed session,
        DatasetId indexed dataset,
        address indexed accuser,
        uint32 lane,
        uint64 count,
        bytes32 firstTranscript,
        bytes32 secondTranscript
    );
    event SessionClosed(SessionId indexed session, uint256 refunded, uint256 forfeited, uint32 missingLeaves);

    error SessionUnknown(SessionId session);
    error SessionAlreadyOpened(SessionId session);
    error SessionNotOpen(SessionId session, SessionStatus status);
    error SessionNotOwned(SessionId session, MemberId caller);
    error SessionExpiryInvalid(uint64 expiresAt, uint64 earliest, uint64 latest);
    error SessionListsMismatch(uint256 datasets, uint256 allotments);
    error SessionDatasetsInvalid(uint256 count);
    error SessionDatasetsUnordered(DatasetId previous, DatasetId next);
    /// @dev Allotments are coarse: 16, 64, 256, 1,024, 4,096 or 16,384.
    error AllotmentNotCoarse(uint32 allotment);
    error AllotmentUnknown(SessionId session, DatasetId dataset);
    error AllotmentExceeded(SessionId session, DatasetId dataset, uint256 wanted, uint32 granted);
    error QuerierBalanceTooLow(MemberId querier, uint256 balance, uint256 needed);
    error QuerierDutiesUnmet(MemberId querier);
    error SettlementNotByHolder(DatasetId dataset, MemberId caller);
    error SettlementEmpty();
    error SettlementTooLate(SessionId session, uint64 until);
    error LaneOutOfRange(uint32 lane, uint32 lanes);
    /// @dev The rules divided `amount` into parts that do not add up to it.
    error SplitInvalid(uint256 amount, uint256 toHolder, uint256 toPool);
    error VoucherStale(uint32 lane, uint64 settled, uint64 given);
    error VoucherSignatureInvalid(uint32 lane);
    error BatchOutOfOrder(SessionId session, uint32 expected, uint32 given);
    /// @dev Batches of leaves are padded to 16, 64, 256 or 1,024.
    error BatchSizeInvalid(uint256 leaves);
    error ForkNotProven();
    error SessionNotClosable(SessionId session, uint64 closableAt);

    /// @notice Locks the sum of the allotments at today's prices. `datasets` strictly ascending.
    function openSession(
        uint64 nonce,
        DatasetId[] calldata datasets,
        uint32[] calldata allotments,
        uint64 expiresAt
    ) external returns (SessionId session);

    /// @notice A holder turns its lanes' last vouchers into points. May be called again with later vouchers.
    function settle(SessionId session, DatasetId dataset, LaneHead[] calldata heads) external;

    /// @notice Anchors batch number `batch` (counted up from 0) of a session's leaves.
    function anchor(SessionId session, uint32 batch, bytes32[] calldata leaves) external;

    /// @notice Two vouchers of the session's signer with one lane and count and two transcripts: provable fault of the querier.
    function proveFork(
        SessionId session,
        DatasetId dataset,
        LaneHead calldata first,
        LaneHead calldata second
    ) external;

    /// @notice Returns what was not spent, once expiry and settlement window are over. What missing leaves or a fork forfeit goes to the pool.
    function closeSession(SessionId session) external;

    /// @notice Fixed at deployment from a random value and the block hash before, so no id of another ledger is ever valid here.
    function instanceSalt() external view returns (bytes32);

    function sessionIdOf(MemberId querier, uint64 nonce) external view returns (SessionId);

    function getSession(SessionId session) external view returns (Session memory);

    /// @notice Last second (ledger time) in which the session can be settled; it can be closed from the next one on. Fixed at
    /// opening, so a later change of the settlement window takes nothing from a holder. Zero for an unknown session.
    function settlesUntil(SessionId session) external view returns (uint64);

    function getAllotment(SessionId session, DatasetId dataset) external view returns (Allotment memory);

    function getLane(
        SessionId session,
        DatasetId dataset,
        uint32 lane
    ) external view returns (uint64 count, bytes32 transcript);

    function voucherDigest(
        SessionId session,
        DatasetId dataset,
        uint32 lane,
        uint64 count,
        bytes32 transcript
    ) external view returns (bytes32);
}
