// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MemberId} from "../types/MemberId.sol";

/// @title Incentive points
/// @notice An ERC-20 that only the platform's rules can move. Members hold points in keyless vaults
/// ({IMemberRegistry-vaultOf}); `transfer`, `approve` and `transferFrom` revert with {PointsNotTransferable}.
interface IPoints is IERC20 {
    error PointsNotTransferable();

    function pointsOf(MemberId member) external view returns (uint256);

    function mint(address to, uint256 amount) external;

    function move(address from, address to, uint256 amount) external;
}
