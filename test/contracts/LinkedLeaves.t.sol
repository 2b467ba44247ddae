// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {LinkedLeaf, LinkedLeaves} from "../../contracts/data/LinkedLeaves.sol";

/// @dev For any tag, an ordered table of one entry proves a hit or a miss, never both.
contract LinkedLeavesFuzzTest {
    function testFuzz_eachTagIsEitherAHitOrAMiss(bytes16 entry, bytes32 entryHash, bytes16 asked) external pure {
        if (entry == LinkedLeaves.LOWEST || entry == LinkedLeaves.HIGHEST) return;
        LinkedLeaf memory low = LinkedLeaf({tag: LinkedLeaves.LOWEST, next: entry, entryHash: 0});
        LinkedLeaf memory high = LinkedLeaf({tag: entry, next: LinkedLeaves.HIGHEST, entryHash: entryHash});
        bytes32 lowHash = LinkedLeaves.leafHash(low.tag, low.next, low.entryHash);
        bytes32 highHash = LinkedLeaves.leafHash(high.tag, high.next, high.entryHash);
        bytes32 root = Hashes.commutativeKeccak256(lowHash, highHash);
        bytes32[] memory toLow = new bytes32[](1);
        bytes32[] memory toHigh = new bytes32[](1);
        (toLow[0], toHigh[0]) = (highHash, lowHash);

        uint256 verdicts = 0;
        if (LinkedLeaves.verifyHit(root, asked, low, toLow)) ++verdicts;
        if (LinkedLeaves.verifyHit(root, asked, high, toHigh)) ++verdicts;
        if (LinkedLeaves.verifyMiss(root, asked, low, toLow)) ++verdicts;
        if (LinkedLeaves.verifyMiss(root, asked, high, toHigh)) ++verdicts;
        bool sentinel = asked == LinkedLeaves.LOWEST || asked == LinkedLeaves.HIGHEST;
        assert(verdicts == (sentinel ? 0 : 1));
        assert(LinkedLeaves.verifyHit(root, entry, high, toHigh));
        assert(!LinkedLeaves.verifyDisorder(root, low, toLow, high, toHigh));
    }
}
