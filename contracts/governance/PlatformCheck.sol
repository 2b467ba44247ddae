// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IDatasetRegistry} from "../data/IDatasetRegistry.sol";
import {IIncentiveRules} from "../incentive/IIncentiveRules.sol";
import {IPoints} from "../incentive/IPoints.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {IQueryLedger} from "../query/IQueryLedger.sol";
import {MemberId} from "../types/MemberId.sol";
import {Freezable} from "./Freezable.sol";
import {IChangeCheck} from "./IChangeCheck.sol";
import {IContractDirectory} from "./IContractDirectory.sol";
import {IPlatformParameters} from "./IPlatformParameters.sol";

/// @title What must hold after any change of the platform's contracts
/// @notice The same authority and clock behind every contract; the same members, datasets and their status; every point where it
/// was; the same ledger instance, epoch and rules. Changes that mean to alter one of these bring a check of their own.
contract PlatformCheck is IChangeCheck {
    struct Seen {
        bytes32 wiring;
        bytes32 members;
        bytes32 datasets;
        bytes32 points;
        bytes32 ledger;
        bytes32 parameters;
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
        return 0;
    }

    function _look() private view returns (Seen memory) {
        IMemberRegistry members = IMemberRegistry(_DIRECTORY.addressOf("memberRegistry"));
        return
            Seen({
                wiring: _wiring(),
                members: _membersDigest(members),
                datasets: _datasetsDigest(IDatasetRegistry(_DIRECTORY.addressOf("datasetRegistry"))),
                points: _pointsDigest(members),
                ledger: keccak256(abi.encode(_ledger().instanceSalt(), _ledger().sessionIdOf(MemberId.wrap(1), 1))),
                parameters: _parametersDigest()
            });
    }

    function _wiring() private view returns (bytes32 digest) {
        bytes32[] memory names = _DIRECTORY.names();
        for (uint256 i = 0; i < names.length; ++i) {
            address proxy = _DIRECTORY.addressOf(names[i]);
            Freezable stopped = Freezable(proxy);
            digest = keccak256(
                abi.encode(digest, IAccessManaged(proxy).authority(), stopped.emergency(), stopped.freezeScope())
            );
        }
    }

    function _membersDigest(IMemberRegistry members) private view returns (bytes32 digest) {
        uint32 count = members.memberCount();
        digest = bytes32(uint256(count));
        for (uint32 i = 1; i <= count; ++i) {
            digest = keccak256(
                abi.encode(digest, members.getMember(MemberId.wrap(i)), members.vaultOf(MemberId.wrap(i)))
            );
        }
    }

    function _datasetsDigest(IDatasetRegistry datasets) private view returns (bytes32 digest) {
        uint256 count = datasets.datasetCount();
        digest = bytes32(count);
        for (uint256 i = 0; i < count; ++i) {
            digest = keccak256(abi.encode(digest, datasets.getDataset(datasets.datasetAt(i))));
        }
    }

    /// @dev Total, what is locked in sessions, the pool, and every member's balance.
    function _pointsDigest(IMemberRegistry members) private view returns (bytes32 digest) {
        IPoints points = IPoints(_DIRECTORY.addressOf("points"));
        IIncentiveRules rules = IIncentiveRules(_DIRECTORY.addressOf("incentiveRules"));
        digest = keccak256(
            abi.encode(points.totalSupply(), points.balanceOf(address(_ledger())), points.balanceOf(rules.pool()))
        );
        uint32 count = members.memberCount();
        for (uint32 i = 1; i <= count; ++i) digest = keccak256(abi.encode(digest, points.pointsOf(MemberId.wrap(i))));
    }

    function _parametersDigest() private view returns (bytes32) {
        IPlatformParameters parameters = IPlatformParameters(_DIRECTORY.addressOf("platformParameters"));
        uint32 epoch = parameters.currentEpoch();
        (uint64 start, uint64 end) = parameters.epochBounds(epoch);
        return
            keccak256(
                abi.encode(
                    epoch,
                    start,
                    end,
                    parameters.settlementWindow(),
                    parameters.maximumSessionDuration(),
                    parameters.existingCustomersIncluded()
                )
            );
    }

    function _ledger() private view returns (IQueryLedger) {
        return IQueryLedger(_DIRECTORY.addressOf("queryLedger"));
    }
}
