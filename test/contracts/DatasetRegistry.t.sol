// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetRegistry} from "../../contracts/data/DatasetRegistry.sol";
import {PlatformStage} from "../fixtures/PlatformStage.sol";

/// @dev Count classes against their definition: m * 2^k, 4 <= m <= 7, at least 1,024.
contract DatasetRegistryFuzzTest {
    DatasetRegistry private _datasets;

    function setUp() external {
        _datasets = new PlatformStage().datasets();
    }

    function testFuzz_countClassesAreThoseOfTheDefinition(uint32 entryCount) external view {
        assert(_datasets.isCountClass(entryCount) == _isDefined(entryCount));
    }

    function testFuzz_everyClassIsTaken(uint8 m, uint8 k) external view {
        uint256 entryCount = (4 + uint256(m % 4)) << (8 + (k % 22));
        assert(_datasets.isCountClass(uint32(entryCount)));
        assert(!_datasets.isCountClass(uint32(entryCount + 1)));
        assert(!_datasets.isCountClass(uint32(entryCount - 1)));
    }

    /// @dev Few bits set, where a wrong bound would show.
    function testFuzz_numbersOfFewBitsToo(uint8 bits, uint8 shift) external view {
        uint32 entryCount = uint32(bits) << (shift % 25);
        assert(_datasets.isCountClass(entryCount) == _isDefined(entryCount));
    }

    function _isDefined(uint32 entryCount) private pure returns (bool) {
        if (entryCount < 1024) return false;
        for (uint256 m = 4; m <= 7; ++m) {
            for (uint256 k = 0; k < 32; ++k) {
                if (m << k == entryCount) return true;
            }
        }
        return false;
    }
}
