// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";

enum RecordKind {
    /// 平台运行问题记录表
    Incident,
    /// 应急演练记录
    Drill
}

/// @dev All digests are salted; the documents stay with those who filed them.
struct EmergencyRecord {
    RecordKind kind;
    MemberId filedBy;
    uint64 filedAt;
    uint64 closedAt;
    /// @dev Version of the emergency measures in force when it was filed.
    uint32 measures;
    bytes32 documentDigest;
    /// @dev Of the final report; for a drill, of the amendments it proposes.
    bytes32 outcomeDigest;
}

/// @title What went wrong and what was rehearsed
interface IEmergencyRecords {
    event RecordFiled(uint256 indexed id, RecordKind indexed kind, MemberId indexed member, bytes32 documentDigest);
    event RecordClosed(uint256 indexed id, bytes32 outcomeDigest);
    event MeasuresAdopted(uint32 indexed version, bytes32 measuresDigest);

    error RecordFilerNotAdmitted(MemberId member);
    error RecordDigestEmpty();
    error RecordUnknown(uint256 id);
    error RecordNotOwned(uint256 id, MemberId member);
    error RecordAlreadyClosed(uint256 id);
    error MeasuresVersionOutOfOrder(uint32 expected, uint32 given);

    function file(RecordKind kind, bytes32 documentDigest) external returns (uint256 id);

    function close(uint256 id, bytes32 outcomeDigest) external;

    /// @notice Adopts the next version of the emergency measures.
    function adoptMeasures(uint32 version, bytes32 measuresDigest) external;

    function recordCount() external view returns (uint256);

    /// @notice Records count from 1.
    function getRecord(uint256 id) external view returns (EmergencyRecord memory);

    function measures() external view returns (uint32 version, bytes32 measuresDigest, uint64 adoptedAt);
}
