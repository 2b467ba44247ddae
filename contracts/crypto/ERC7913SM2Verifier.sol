// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {SM2} from "./SM2.sol";
import {SM2Curve} from "./SM2Curve.sol";
import {SM3} from "./SM3.sol";

/// @title ERC-7913 verifier of SM2 keys
/// @notice Lets whatever takes ERC-7913 signers (OpenZeppelin's SignatureChecker and multi-signer accounts) take SM2 keys on
/// an unmodified EVM. The signer is the address of this contract followed by a key:
///
/// - key: x (32 bytes), y (32), Z_A (32); {keyOf} makes it;
/// - signature: r (32), s (32);
/// - the message that is signed is the 32-byte hash itself: e = SM3(Z_A || hash).
///
/// Beware: this contract cannot see whether Z_A belongs to the point, because hashing it anew at each verification would cost
/// another 100,000 gas. **Whoever registers a key must compare it with {keyOf}** for the id they expect. For a key with
/// the Z_A of another signer, anyone can take one signature of that signer and compute a point under which it verifies.
///
/// Beware: the hash stands for whatever the account hashed. It must bind chain, account and purpose (EIP-712).
///
/// @custom:stateless
contract ERC7913SM2Verifier is IERC7913SignatureVerifier {
    /// @notice The coordinates are not those of a point of the curve.
    error ERC7913SM2VerifierInvalidPoint(uint256 x, uint256 y);

    /// @dev The id to use where no other was agreed, GB/T 35276-2017 (GM/T 0009), section 10.
    bytes private constant _DEFAULT_ID = "1234567812345678";

    /// @notice This function's selector if `signature` is that of `key` over `hash`, otherwise 0xffffffff. Never reverts, whatever
    /// key and signature hold and however long they are.
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 hash, bytes calldata signature) external pure returns (bytes4) {
        if (key.length == 96 && signature.length == 64) {
            bytes32 e = SM3.hash(abi.encodePacked(key[64:], hash));
            (bytes32 r, bytes32 s) = (bytes32(signature[:32]), bytes32(signature[32:]));
            (uint256 x, uint256 y) = (uint256(bytes32(key[:32])), uint256(bytes32(key[32:64])));
            if (SM2.verify(e, r, s, x, y)) return IERC7913SignatureVerifier.verify.selector;
        }
        return 0xffffffff;
    }

    /// @notice The key for a point whose owner goes by the id 1234567812345678, the usual one.
    function keyOf(uint256 x, uint256 y) external pure returns (bytes memory) {
        return _keyOf(_DEFAULT_ID, x, y);
    }

    /// @notice The key for a point whose owner goes by `id`.
    function keyOf(bytes calldata id, uint256 x, uint256 y) external pure returns (bytes memory) {
        return _keyOf(id, x, y);
    }

    function _keyOf(bytes memory id, uint256 x, uint256 y) private pure returns (bytes memory) {
        require(SM2Curve.isOnCurve(x, y), ERC7913SM2VerifierInvalidPoint(x, y));
        return abi.encodePacked(x, y, SM2.zA(id, x, y));
    }
}
