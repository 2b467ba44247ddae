// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Freezable} from "../governance/Freezable.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {IPoints} from "./IPoints.sol";

/// @title Incentive points
/// @notice Points are earned and spent by rule, never traded: only contracts that hold the rules role mint or move them.
/// Supply changes by {mint} alone. A member's points lie in a vault without a key, so nobody can sign them away.
contract Points is IPoints, ERC20, AccessManaged, Freezable {
    IMemberRegistry private immutable _MEMBERS;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members
    ) ERC20("RiskVeil Points", "RVP") AccessManaged(authority_) Freezable(emergency_) {
        _MEMBERS = members;
    }

    /// @inheritdoc IPoints
    function mint(address to, uint256 amount) external restricted whenNotFrozen {
        _mint(to, amount);
    }

    /// @inheritdoc IPoints
    function move(address from, address to, uint256 amount) external restricted whenNotFrozen {
        _transfer(from, to, amount);
    }

    /// @inheritdoc IPoints
    function pointsOf(MemberId member) external view returns (uint256) {
        return balanceOf(_MEMBERS.vaultOf(member));
    }

    /// @dev Always reverts with {PointsNotTransferable}.
    function transfer(address, uint256) public pure override(ERC20, IERC20) returns (bool) {
        revert PointsNotTransferable();
    }

    /// @dev Always reverts with {PointsNotTransferable}.
    function approve(address, uint256) public pure override(ERC20, IERC20) returns (bool) {
        revert PointsNotTransferable();
    }

    /// @dev Always reverts with {PointsNotTransferable}.
    function transferFrom(address, address, uint256) public pure override(ERC20, IERC20) returns (bool) {
        revert PointsNotTransferable();
    }
}
