// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {Capability} from "../membership/Capability.sol";
import {IMemberRegistry, Operator} from "../membership/IMemberRegistry.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";
import {DATA} from "../types/Scope.sol";
import {AlgorithmNode, IAlgorithmNodes, NodeStatus} from "./IAlgorithmNodes.sol";

/// @title Who takes part in the joint computation
/// @notice A member offers itself, the constitution appoints it, and either of them ends it. A node whose member is suspended or has
/// left takes no part in what begins meanwhile, without anybody retiring it.
///
/// Beware: a retirement ends no key round and no edition that runs, and no session that allots to the node already: what the
/// node owes there it still owes, and is still paid for.
contract AlgorithmNodes is IAlgorithmNodes, Governed {
    /// @dev Nodes are named by one byte wherever they are counted.
    uint256 private constant _NODES_MAXIMUM = 255;

    IMemberRegistry private immutable _MEMBERS;

    MemberId[] private _nodeList;
    mapping(MemberId member => AlgorithmNode) private _nodes;
    mapping(DatasetId service => MemberId node) private _providers;
    /// @dev By keccak-256 of node, reporter, reason and evidence digest.
    mapping(bytes32 report => bool) private _reported;
    mapping(MemberId node => mapping(MemberId reporter => bool)) private _hasReported;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members
    ) Governed(authority_, emergency_, DATA) {
        _MEMBERS = members;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IAlgorithmNodes
    /// @dev A node that comes back waits to be appointed again, and keeps the reports about it.
    function register() external whenNotFrozen {
        MemberId node = _MEMBERS.entitledMemberOf(_msgSender(), Capability.Compute);
        AlgorithmNode storage record = _nodes[node];
        DatasetId evaluation = serviceOf(node, KeyPurpose.Evaluation);
        DatasetId location = serviceOf(node, KeyPurpose.Locator);
        DatasetId decryption = serviceOf(node, KeyPurpose.Query);
        if (record.status == NodeStatus.None) {
            if (_nodeList.length == _NODES_MAXIMUM) revert NodeCatalogueFull(_NODES_MAXIMUM);
            _nodeList.push(node);
            _providers[evaluation] = node;
            _providers[location] = node;
            _providers[decryption] = node;
        } else if (record.status != NodeStatus.Retired) {
            revert NodeAlreadyRegistered(node);
        }
        record.status = NodeStatus.Registered;
        record.registeredAt = _ledgerTime();
        record.activatedAt = 0;
        emit NodeRegistered(node, evaluation, location, decryption);
    }

    /// @inheritdoc IAlgorithmNodes
    function activate(MemberId node) external restricted whenNotFrozen {
        AlgorithmNode storage record = _known(node);
        if (record.status != NodeStatus.Registered) revert NodeNotRegistered(node, record.status);
        if (!_MEMBERS.isActive(node)) revert IMemberRegistry.MemberNotActive(node, _MEMBERS.getMember(node).status);
        record.status = NodeStatus.Active;
        record.activatedAt = _ledgerTime();
        emit NodeActivated(node);
    }

    /// @inheritdoc IAlgorithmNodes
    function retire(MemberId node) external whenNotFrozen {
        if (!_actsFor(_msgSender(), node)) _checkCanCall(_msgSender(), _msgData());
        AlgorithmNode storage record = _known(node);
        if (record.status == NodeStatus.Retired) revert NodeAlreadyRetired(node);
        record.status = NodeStatus.Retired;
        emit NodeRetired(node);
    }

    /// @inheritdoc IAlgorithmNodes
    function heartbeat(bytes32 healthDigest) external whenNotFrozen {
        MemberId node = _MEMBERS.activeMemberOf(_msgSender());
        AlgorithmNode storage record = _nodes[node];
        if (record.status != NodeStatus.Active) revert NodeNotActive(node, record.status);
        uint64 moment = _ledgerTime();
        record.lastHeartbeat = moment;
        emit NodeHeartbeat(node, moment, healthDigest);
    }

    /// @inheritdoc IAlgorithmNodes
    /// @dev Also of a node that has retired: evidence may come late.
    function report(MemberId node, bytes32 reason, bytes32 evidenceDigest) external whenNotFrozen {
        MemberId reporter = _MEMBERS.activeMemberOf(_msgSender());
        AlgorithmNode storage record = _known(node);
        if (reporter == node) revert ReportOfOneself(node);
        if (reason == 0 || evidenceDigest == 0) revert ReportEmpty();
        bytes32 key = keccak256(abi.encode(node, reporter, reason, evidenceDigest));
        if (_reported[key]) revert ReportRepeated(node, reporter, evidenceDigest);
        _reported[key] = true;
        ++record.reports;
        if (!_hasReported[node][reporter]) {
            _hasReported[node][reporter] = true;
            ++record.reporters;
        }
        emit NodeReported(node, reporter, reason, evidenceDigest);
    }

    /// @inheritdoc IAlgorithmNodes
    function nodeCount() external view returns (uint256) {
        return _nodeList.length;
    }

    /// @inheritdoc IAlgorithmNodes
    function nodeAt(uint256 index) external view returns (MemberId) {
        return _nodeList[index];
    }

    /// @inheritdoc IAlgorithmNodes
    function getNode(MemberId node) external view returns (AlgorithmNode memory) {
        return _nodes[node];
    }

    /// @inheritdoc IAlgorithmNodes
    function providerOf(DatasetId service) external view returns (MemberId node) {
        node = _providers[service];
        if (MemberId.unwrap(node) != 0 && !isActiveNode(node)) node = MemberId.wrap(0);
    }

    /// @inheritdoc IAlgorithmNodes
    function isActiveNode(MemberId node) public view returns (bool) {
        return _nodes[node].status == NodeStatus.Active && _MEMBERS.isActive(node);
    }

    /// @inheritdoc IAlgorithmNodes
    /// @dev Made like a dataset's id, from another address: no service and dataset share one.
    function serviceOf(MemberId node, KeyPurpose purpose) public view returns (DatasetId) {
        if (purpose == KeyPurpose.Layer) revert ServiceUnknown(purpose);
        return DatasetId.wrap(keccak256(abi.encode(block.chainid, address(this), node, purpose)));
    }

    function _known(MemberId node) private view returns (AlgorithmNode storage record) {
        record = _nodes[node];
        if (record.status == NodeStatus.None) revert NodeUnknown(node);
    }

    /// @dev Also for a member that is suspended or has left: nobody is kept in an office.
    function _actsFor(address account, MemberId node) private view returns (bool) {
        Operator memory operator = _MEMBERS.getOperator(account);
        return MemberId.unwrap(node) != 0 && operator.member == node && operator.until == 0;
    }
}
