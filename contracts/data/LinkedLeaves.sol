// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @dev One leaf of a sealed table: an entry's tag, the next higher tag, and the SHA-256 of the sealed entry. The lowest leaf
/// has tag zero and no entry (digest zero); the highest one has the next tag 0xff..ff.
struct LinkedLeaf {
    bytes16 tag;
    bytes16 next;
    bytes32 entryHash;
}

/// @title Leaves that link to their successor
/// @notice Because each leaf names the next higher tag, one leaf proves that a tag is in the table (a hit) or that nothing
/// lies between two tags (a miss), and one or two leaves prove a table out of order. Roots are those of a Merkle tree with
/// sorted pairs, an odd last node promoted unchanged ({MerkleProof-verify}).
///
/// A leaf's preimage is 65 bytes and starts with a zero byte, an inner node's is 64 bytes: none can be taken for the other.
library LinkedLeaves {
    bytes16 internal constant LOWEST = bytes16(0);
    bytes16 internal constant HIGHEST = bytes16(type(uint128).max);

    /// @notice keccak256(0x00 || tag || next || entryHash).
    function leafHash(bytes16 tag, bytes16 next, bytes32 entryHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), tag, next, entryHash));
    }

    /// @notice Whether `leaf` is under `root`.
    function verifyLeaf(bytes32 root, LinkedLeaf memory leaf, bytes32[] memory path) internal pure returns (bool) {
        return MerkleProof.verify(path, root, leafHash(leaf.tag, leaf.next, leaf.entryHash));
    }

    /// @notice Whether `leaf`, under `root`, shows that the table has an entry with this `tag`.
    function verifyHit(
        bytes32 root,
        bytes16 tag,
        LinkedLeaf memory leaf,
        bytes32[] memory path
    ) internal pure returns (bool) {
        return tag != LOWEST && leaf.tag == tag && verifyLeaf(root, leaf, path);
    }

    /// @notice Whether `leaf`, under `root`, shows that the table has no entry with this `tag`.
    /// @dev Holds for an ordered table; {verifyDisorder} exposes any other.
    function verifyMiss(
        bytes32 root,
        bytes16 tag,
        LinkedLeaf memory leaf,
        bytes32[] memory path
    ) internal pure returns (bool) {
        return leaf.tag < tag && tag < leaf.next && verifyLeaf(root, leaf, path);
    }

    /// @notice Whether two leaves under `root` cannot both stand in an ordered table: one does not ascend, or two different
    /// ones claim the same stretch of tags. For a single leaf that does not ascend, give it twice.
    function verifyDisorder(
        bytes32 root,
        LinkedLeaf memory first,
        bytes32[] memory firstPath,
        LinkedLeaf memory second,
        bytes32[] memory secondPath
    ) internal pure returns (bool) {
        if (!verifyLeaf(root, first, firstPath) || !verifyLeaf(root, second, secondPath)) return false;
        if (first.tag >= first.next || second.tag >= second.next) return true;
        bool same = first.tag == second.tag && first.next == second.next && first.entryHash == second.entryHash;
        return !same && first.tag < second.next && second.tag < first.next;
    }
}
