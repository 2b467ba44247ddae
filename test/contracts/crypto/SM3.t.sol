// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SM3} from "../../../contracts/crypto/SM3.sol";
import {PlainSM3} from "../../fixtures/PlainSM3.sol";

/// @dev The fast hash and the plain one agree, whatever memory looked like before.
contract SM3FuzzTest {
    function testFuzz_isTheStandards(bytes memory data) external pure {
        assert(SM3.hash(data) == PlainSM3.hash(data));
    }

    function testFuzz_doesNotReadOtherMemory(bytes memory data, bytes32 rubbish) external pure {
        bytes32 expected = SM3.hash(data);
        bytes32 before = keccak256(data);
        // Rubbish behind the free memory pointer, where the work space will be.
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x400) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), xor(rubbish, i))
            }
        }
        assert(SM3.hash(data) == expected);
        assert(keccak256(data) == before);
    }
}
