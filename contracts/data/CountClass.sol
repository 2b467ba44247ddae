// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev The smallest class there is; below it the three highest bits are not all there.
uint32 constant SMALLEST_COUNT_CLASS = 4;

/// @dev Whether `count` is a count class of at least `least`: m * 2^k with 4 <= m <= 7, so nothing is set below the three highest
/// bits. A table's true size is padded up to a class, which shows it to within a fourth.
function isCountClass(uint32 count, uint32 least) pure returns (bool) {
    if (count < SMALLEST_COUNT_CLASS || count < least) return false;
    uint256 below = Math.log2(count) - 2;
    return (uint256(count) >> below) << below == count;
}
