// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {MemberId} from "../types/MemberId.sol";
import {RULES} from "../types/Scope.sol";
import {IPoints} from "./IPoints.sol";

/// @title Incentive points
/// @notice Points are earned and spent by rule, never traded: only contracts that hold the rules role mint or move them.
/// Supply changes by {mint} alone. A member's points lie in a vault without a key, so nobody can sign them away.
contract Points is IPoints, ERC20, Governed {
    IMemberRegistry private immutable _MEMBERS;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members
    ) ERC20("", "") Governed(authority_, emergency_, RULES) {
        _MEMBERS = members;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

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

    /// @dev Part of the code: behind a proxy the constructor's name would be lost.
    function name() public pure override returns (string memory) {
        return "RiskVeil Points";
    }

    /// @dev Like {name}.
    function symbol() public pure override returns (string memory) {
        return "RVP";
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
