// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetId} from "../types/DatasetId.sol";
import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";

enum NodeStatus {
    None,
    Registered,
    Active,
    Retired
}

/// @dev `lastHeartbeat` is ledger time, 0 before the first. `reports` counts the reports of other members about the node, `reporters`
/// the members that made them. One member can make any number of reports, so it is the reporters that tell how many hold something
/// against the node; both are kept, for many reports by one member say something too, of either of the two.
struct AlgorithmNode {
    NodeStatus status;
    uint64 registeredAt;
    uint64 activatedAt;
    uint64 lastHeartbeat;
    uint32 reports;
    uint24 reporters;
}

/// @title Who takes part in the joint computation
/// @notice An algorithm node (算法节点) is a member with that role: one node a member, so nodes are of distinct institutions and
/// the Association runs at most one. A node serves three things that sessions pay for like evaluations against a dataset: the
/// oblivious evaluation of subjects, the oblivious location of their rows, and the decryption of sums.
interface IAlgorithmNodes {
    event NodeRegistered(
        MemberId indexed node,
        DatasetId evaluationService,
        DatasetId locationService,
        DatasetId decryptionService
    );
    event NodeActivated(MemberId indexed node);
    event NodeRetired(MemberId indexed node);
    /// @dev `healthDigest` is a salted digest of what the node says of itself.
    event NodeHeartbeat(MemberId indexed node, uint64 moment, bytes32 healthDigest);
    /// @dev `evidenceDigest` is a salted digest of what `reporter` holds against `node`; `reason` a code of the catalogue, in ASCII.
    event NodeReported(
        MemberId indexed node,
        MemberId indexed reporter,
        bytes32 indexed reason,
        bytes32 evidenceDigest
    );

    error NodeUnknown(MemberId node);
    error NodeAlreadyRegistered(MemberId node);
    error NodeNotRegistered(MemberId node, NodeStatus status);
    error NodeNotActive(MemberId node, NodeStatus status);
    error NodeAlreadyRetired(MemberId node);
    error NodeCatalogueFull(uint256 maximum);
    /// @dev Nobody pays for {KeyPurpose-Layer}.
    error ServiceUnknown(KeyPurpose purpose);
    error ReportEmpty();
    error ReportOfOneself(MemberId node);
    /// @dev The reporter has put this evidence on record before, for the same reason.
    error ReportRepeated(MemberId node, MemberId reporter, bytes32 evidenceDigest);

    /// @notice The caller's member offers to be a node; needs an active member that may compute. A retired node may come back.
    function register() external;

    /// @notice Appoints a registered node. Two seats on the council can stop it, like any act of the constitution.
    function activate(MemberId node) external;

    /// @notice Takes a node out for good of what begins from now on; open to the constitution and to the node itself.
    function retire(MemberId node) external;

    function heartbeat(bytes32 healthDigest) external;

    /// @notice Puts on record that the caller's member holds evidence against a node.
    function report(MemberId node, bytes32 reason, bytes32 evidenceDigest) external;

    function nodeCount() external view returns (uint256);

    /// @notice In order of first registration, retired ones included.
    function nodeAt(uint256 index) external view returns (MemberId);

    /// @notice All zero, status `None`, for a member that never registered.
    function getNode(MemberId node) external view returns (AlgorithmNode memory);

    /// @notice Whether it is appointed, not retired, and its member active.
    function isActiveNode(MemberId node) external view returns (bool);

    /// @notice Under which id sessions pay for a node's service, registered or not.
    function serviceOf(MemberId node, KeyPurpose purpose) external view returns (DatasetId);

    /// @notice The node whose service this is; zero for anything else, and for a node that is not active.
    function providerOf(DatasetId service) external view returns (MemberId);
}
