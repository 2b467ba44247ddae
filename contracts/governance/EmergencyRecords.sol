// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {EmergencyRecord, IEmergencyRecords, RecordKind} from "./IEmergencyRecords.sol";

/// @title What went wrong and what was rehearsed
/// @notice Any member files; the one that filed closes. Nothing here stops with the platform: a record is made when everything
/// else stands still. Times are block times.
contract EmergencyRecords is IEmergencyRecords, AccessManaged {
    IMemberRegistry private immutable _MEMBERS;

    EmergencyRecord[] private _records;
    uint32 private _measuresVersion;
    uint64 private _measuresAdoptedAt;
    bytes32 private _measuresDigest;

    constructor(address authority_, IMemberRegistry members) AccessManaged(authority_) {
        _MEMBERS = members;
    }

    /// @inheritdoc IEmergencyRecords
    function file(RecordKind kind, bytes32 documentDigest) external returns (uint256 id) {
        MemberId member = _MEMBERS.memberOf(_msgSender());
        if (!_MEMBERS.isAdmitted(member)) revert RecordFilerNotAdmitted(member);
        _requireDigest(documentDigest);
        _records.push(
            EmergencyRecord({
                kind: kind,
                filedBy: member,
                filedAt: uint64(block.timestamp),
                closedAt: 0,
                measures: _measuresVersion,
                documentDigest: documentDigest,
                outcomeDigest: 0
            })
        );
        id = _records.length;
        emit RecordFiled(id, kind, member, documentDigest);
    }

    /// @inheritdoc IEmergencyRecords
    function close(uint256 id, bytes32 outcomeDigest) external {
        EmergencyRecord storage record = _known(id);
        MemberId member = _MEMBERS.memberOf(_msgSender());
        if (record.filedBy != member) revert RecordNotOwned(id, member);
        if (record.closedAt != 0) revert RecordAlreadyClosed(id);
        _requireDigest(outcomeDigest);
        record.closedAt = uint64(block.timestamp);
        record.outcomeDigest = outcomeDigest;
        emit RecordClosed(id, outcomeDigest);
    }

    /// @inheritdoc IEmergencyRecords
    function adoptMeasures(uint32 version, bytes32 measuresDigest) external restricted {
        uint32 expected = _measuresVersion + 1;
        if (version != expected) revert MeasuresVersionOutOfOrder(expected, version);
        _requireDigest(measuresDigest);
        _measuresVersion = version;
        _measuresDigest = measuresDigest;
        _measuresAdoptedAt = uint64(block.timestamp);
        emit MeasuresAdopted(version, measuresDigest);
    }

    /// @inheritdoc IEmergencyRecords
    function recordCount() external view returns (uint256) {
        return _records.length;
    }

    /// @inheritdoc IEmergencyRecords
    function getRecord(uint256 id) external view returns (EmergencyRecord memory) {
        return _known(id);
    }

    /// @inheritdoc IEmergencyRecords
    function measures() external view returns (uint32 version, bytes32 measuresDigest, uint64 adoptedAt) {
        return (_measuresVersion, _measuresDigest, _measuresAdoptedAt);
    }

    function _known(uint256 id) private view returns (EmergencyRecord storage) {
        if (id == 0 || id > _records.length) revert RecordUnknown(id);
        return _records[id - 1];
    }

    function _requireDigest(bytes32 digest) private pure {
        if (digest == 0) revert RecordDigestEmpty();
    }
}
