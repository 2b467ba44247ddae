// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAlgorithmNodes} from "../computation/IAlgorithmNodes.sol";
import {IConsortiumTables} from "../computation/IConsortiumTables.sol";
import {IKeyRounds} from "../computation/IKeyRounds.sol";
import {IStatisticsBoard} from "../computation/IStatisticsBoard.sol";
import {IDatasetRegistry} from "../data/IDatasetRegistry.sol";
import {IIncentiveRules} from "../incentive/IIncentiveRules.sol";
import {Incentivised} from "../incentive/Incentivised.sol";
import {IPoints} from "../incentive/IPoints.sol";
import {IIdentityKeys} from "../membership/IIdentityKeys.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {IQueryLedger} from "../query/IQueryLedger.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";
import {SessionId} from "../types/SessionId.sol";
import {Freezable} from "./Freezable.sol";
import {IChangeCheck} from "./IChangeCheck.sol";
import {IContractDirectory} from "./IContractDirectory.sol";
import {IPlatformParameters} from "./IPlatformParameters.sol";

/// @title What must hold after any change of the platform's contracts
/// @notice The same authority, clock and rules behind every contract; the same members, the same datasets; every
/// point where it was; the same ledger instance and voucher domain; the same epoch and parameters; the same nodes, keys, editions
/// and statistics. Changes that mean to
/// alter one of these bring a check of their own.
///
/// Beware: it sees what can be counted. Sessions, lanes and keys are seen through a {SampleCheck} around this one. Its cost
/// grows with members, applicants and datasets: a change with 300 members and datasets must fit one transaction.
contract PlatformCheck is IChangeCheck {
    struct Seen {
        bytes32 wiring;
        bytes32 members;
        bytes32 datasets;
        bytes32 points;
        bytes32 ledger;
        bytes32 parameters;
        bytes32 computation;
    }

    IContractDirectory private immutable _DIRECTORY;

    constructor(IContractDirectory directory) {
        _DIRECTORY = directory;
    }

    /// @inheritdoc IChangeCheck
    function observe() external view returns (bytes memory) {
        return abi.encode(_look());
    }

    /// @inheritdoc IChangeCheck
    function verify(bytes calldata seen) external view returns (bytes32 finding) {
        Seen memory before = abi.decode(seen, (Seen));
        Seen memory now_ = _look();
        if (now_.wiring != before.wiring) return "WIRING";
        if (now_.members != before.members) return "MEMBERS";
        if (now_.datasets != before.datasets) return "DATASETS";
        if (now_.points != before.points) return "POINTS";
        if (now_.ledger != before.ledger) return "LEDGER";
        if (now_.parameters != before.parameters) return "PARAMETERS";
        if (now_.computation != before.computation) return "COMPUTATION";
        return 0;
    }

    function _look() private view returns (Seen memory) {
        return
            Seen({
                wiring: _wiring(),
                members: _members(),
                datasets: _datasets(),
                points: _points(),
                ledger: _ledger(),
                parameters: _parameters(),
                computation: _computation()
            });
    }

    function _wiring() private view returns (bytes32 digest) {
        bytes32[] memory names = _DIRECTORY.names();
        for (uint256 i = 0; i < names.length; ++i) {
            address proxy = _DIRECTORY.addressOf(names[i]);
            digest = _mix(digest, proxy, abi.encodeCall(IAccessManaged.authority, ()));
            digest = _mix(digest, proxy, abi.encodeCall(Freezable.emergency, ()));
            digest = _mix(digest, proxy, abi.encodeCall(Freezable.freezeScope, ()));
        }
        bytes memory whichRules = abi.encodeCall(Incentivised.incentiveRules, ());
        digest = _mix(digest, _DIRECTORY.addressOf("memberRegistry"), whichRules);
        digest = _mix(digest, _DIRECTORY.addressOf("datasetRegistry"), whichRules);
        digest = _mix(digest, _DIRECTORY.addressOf("queryLedger"), whichRules);
    }

    function _members() private view returns (bytes32 digest) {
        address members = _DIRECTORY.addressOf("memberRegistry");
        uint32 count = IMemberRegistry(members).memberCount();
        digest = bytes32(uint256(count));
        for (uint32 i = 1; i <= count; ++i) {
            digest = _mix(digest, members, abi.encodeCall(IMemberRegistry.getMember, (MemberId.wrap(i))));
        }
        // All keys lie in one place: whether it is still found shows at any member.
        digest = _mix(digest, members, abi.encodeCall(IIdentityKeys.keyCount, (MemberId.wrap(1))));
        digest = _mix(digest, members, abi.encodeCall(IIdentityKeys.keyCount, (MemberId.wrap(count))));
    }

    function _datasets() private view returns (bytes32 digest) {
        address datasets = _DIRECTORY.addressOf("datasetRegistry");
        uint256 count = IDatasetRegistry(datasets).datasetCount();
        digest = bytes32(count);
        for (uint256 i = 0; i < count; ++i) {
            DatasetId dataset = IDatasetRegistry(datasets).datasetAt(i);
            digest = _mix(digest, datasets, abi.encodeCall(IDatasetRegistry.getDataset, (dataset)));
        }
    }

    /// @dev Total, what is locked in sessions, the pool, and every member's vault.
    function _points() private view returns (bytes32 digest) {
        address points = _DIRECTORY.addressOf("points");
        IMemberRegistry members = IMemberRegistry(_DIRECTORY.addressOf("memberRegistry"));
        address pool = IIncentiveRules(_DIRECTORY.addressOf("incentiveRules")).pool();
        digest = _mix(0, points, abi.encodeCall(IERC20.totalSupply, ()));
        digest = _mix(digest, points, abi.encodeCall(IERC20.balanceOf, (_DIRECTORY.addressOf("queryLedger"))));
        digest = _mix(digest, points, abi.encodeCall(IERC20.balanceOf, (pool)));
        uint32 count = members.memberCount();
        for (uint32 i = 1; i <= count; ++i) {
            digest = _mix(digest, points, abi.encodeCall(IPoints.pointsOf, (MemberId.wrap(i))));
        }
    }

    /// @dev A session's name holds the instance; a voucher's digest holds the domain under which vouchers are signed.
    function _ledger() private view returns (bytes32 digest) {
        address ledger = _DIRECTORY.addressOf("queryLedger");
        digest = _mix(0, ledger, abi.encodeCall(IQueryLedger.sessionIdOf, (MemberId.wrap(1), 1)));
        bytes memory voucher = abi.encodeCall(
            IQueryLedger.voucherDigest,
            (SessionId.wrap("session"), DatasetId.wrap("dataset"), 1, 1, "transcript")
        );
        return _mix(digest, ledger, voucher);
    }

    function _parameters() private view returns (bytes32 digest) {
        address parameters = _DIRECTORY.addressOf("platformParameters");
        uint32 epoch = IPlatformParameters(parameters).currentEpoch();
        digest = _mix(bytes32(uint256(epoch)), parameters, abi.encodeCall(IPlatformParameters.epochBounds, (epoch)));
        digest = _mix(digest, parameters, abi.encodeCall(IPlatformParameters.settlementWindow, ()));
        digest = _mix(digest, parameters, abi.encodeCall(IPlatformParameters.maximumSessionDuration, ()));
        digest = _mix(digest, parameters, abi.encodeCall(IPlatformParameters.recordExpiry, ()));
        digest = _mix(digest, parameters, abi.encodeCall(IPlatformParameters.existingCustomersIncluded, ()));
    }

    /// @dev Every node; the rounds whose keys are in use, and the newest; the terms, and the editions that are the newest; what
    /// statistics there are, and the key of the next.
    function _computation() private view returns (bytes32 digest) {
        address nodes = _DIRECTORY.addressOf("algorithmNodes");
        uint256 count = IAlgorithmNodes(nodes).nodeCount();
        digest = bytes32(count);
        for (uint256 i = 0; i < count; ++i) {
            MemberId node = IAlgorithmNodes(nodes).nodeAt(i);
            digest = _mix(digest, nodes, abi.encodeCall(IAlgorithmNodes.getNode, (node)));
            digest = _mix(digest, nodes, abi.encodeCall(IAlgorithmNodes.serviceOf, (node, KeyPurpose.Query)));
            digest = _mix(digest, nodes, abi.encodeCall(IAlgorithmNodes.serviceOf, (node, KeyPurpose.Locator)));
        }
        digest = _rounds(digest);
        address tables = _DIRECTORY.addressOf("consortiumTables");
        uint32 edition = IConsortiumTables(tables).editionCount();
        digest = _mix(digest, tables, abi.encodeCall(IConsortiumTables.terms, ()));
        digest = _mix(digest, tables, abi.encodeCall(IConsortiumTables.editionCount, ()));
        digest = _mix(digest, tables, abi.encodeCall(IConsortiumTables.latestPublished, ()));
        digest = _mix(digest, tables, abi.encodeCall(IConsortiumTables.getEdition, (edition)));
        address board = _DIRECTORY.addressOf("statisticsBoard");
        digest = _mix(digest, board, abi.encodeCall(IStatisticsBoard.statistics, ()));
        digest = _mix(digest, board, abi.encodeCall(IStatisticsBoard.currentKey, ()));
    }

    function _rounds(bytes32 digest) private view returns (bytes32) {
        address rounds = _DIRECTORY.addressOf("keyRounds");
        uint32 newest = IKeyRounds(rounds).roundCount();
        digest = _mix(digest, rounds, abi.encodeCall(IKeyRounds.roundCount, ()));
        digest = _mix(digest, rounds, abi.encodeCall(IKeyRounds.getRound, (newest)));
        for (uint256 i = 0; i <= uint256(type(KeyPurpose).max); ++i) {
            uint32 current = IKeyRounds(rounds).currentRound(KeyPurpose(i));
            digest = _mix(digest, rounds, abi.encodeCall(IKeyRounds.currentRound, (KeyPurpose(i))));
            digest = _mix(digest, rounds, abi.encodeCall(IKeyRounds.keySetsOf, (current)));
        }
        return digest;
    }

    /// @dev The digest of a digest and the answer to a question, as it comes over the wire: decoding it would cost half as
    /// much again. An error in answering is passed on.
    function _mix(bytes32 digest, address target, bytes memory question) private view returns (bytes32 mixed) {
        // Bound: writes 32 bytes and the answer above the free pointer, which it does not move.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            let answered := staticcall(gas(), target, add(question, 0x20), mload(question), 0, 0)
            returndatacopy(add(free, 0x20), 0, returndatasize())
            if iszero(answered) {
                revert(add(free, 0x20), returndatasize())
            }
            mstore(free, digest)
            mixed := keccak256(free, add(returndatasize(), 0x20))
        }
    }
}
