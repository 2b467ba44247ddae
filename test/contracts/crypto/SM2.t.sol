// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ERC7913SM2Verifier} from "../../../contracts/crypto/ERC7913SM2Verifier.sol";
import {SM2} from "../../../contracts/crypto/SM2.sol";
import {SM2Curve} from "../../../contracts/crypto/SM2Curve.sol";

/// @dev Properties that hold for all numbers. A revert is a finding, as is a failed assertion.
contract SM2FuzzTest {
    ERC7913SM2Verifier private _verifier = new ERC7913SM2Verifier();

    function testFuzz_neverReverts(bytes32 e, bytes32 r, bytes32 s, uint256 x, uint256 y) external pure {
        // Without the key's logarithm a random quintuple does not verify.
        assert(!SM2.verify(e, r, s, x, y));
    }

    function testFuzz_neverRevertsUnderARealKey(bytes32 e, bytes32 r, bytes32 s, uint256 k) external view {
        (uint256 x, uint256 y) = _multiple(_scalar(k));
        assert(!SM2.verify(e, r, s, x, y));
        assert(!SM2.verify(e, bytes32(_scalar(uint256(r))), bytes32(_scalar(uint256(s))), x, y));
    }

    /// @dev s * G + t * (k * G) is (s + tk) * G: small numbers among them, which meet in the exceptions of addition.
    function testFuzz_combinationIsLinear(uint256 s, uint256 t, uint256 k) external view {
        (s, t, k) = (_scalar(s), _scalar(t), _scalar(k));
        (uint256 x, uint256 y) = _multiple(k);
        uint256 sum = addmod(s, mulmod(t, k, SM2Curve.N), SM2Curve.N);
        (uint256 x1, uint256 z1) = SM2Curve.combination(s, t, x, y);
        if (sum == 0) {
            assert(z1 == 0);
            return;
        }
        (uint256 x2, ) = _multiple(sum);
        assert(z1 != 0);
        assert(x1 == mulmod(x2, mulmod(z1, z1, SM2Curve.P), SM2Curve.P));
    }

    /// @dev What a signer computes (GB/T 32918.2, section 6), verifies; with s turned into n - s it does not.
    function testFuzz_verifiesWhatTheKeySigned(bytes32 e, uint256 d, uint256 k) external view {
        (d, k) = (_scalar(d), _scalar(k));
        (uint256 n, uint256 x1) = (SM2Curve.N, 0);
        if (d == n - 1) return;
        (x1, ) = _multiple(k);
        uint256 r = addmod(uint256(e) % n, x1, n);
        if (r == 0 || addmod(r, k, n) == 0) return;
        uint256 s = mulmod(Math.invModPrime(d + 1, n), addmod(k, n - mulmod(r, d, n), n), n);
        if (s == 0) return;
        (uint256 x, uint256 y) = _multiple(d);
        assert(SM2.verify(e, bytes32(r), bytes32(s), x, y));
        assert(!SM2.verify(e, bytes32(r), bytes32(n - s), x, y));
        assert(!SM2.verify(~e, bytes32(r), bytes32(s), x, y));
    }

    function testFuzz_verifierNeverReverts(bytes calldata key, bytes32 hash, bytes calldata signature) external view {
        assert(_verifier.verify(key, hash, signature) == 0xffffffff);
        bytes memory whole = bytes.concat(key, new bytes(96));
        bytes memory signed = bytes.concat(signature, new bytes(64));
        // Cut to the right lengths: these get as far as the curve.
        assembly ("memory-safe") {
            mstore(whole, 96)
            mstore(signed, 64)
        }
        assert(_verifier.verify(whole, hash, signed) == 0xffffffff);
    }

    /// @dev A random scalar from 1 to n - 1; in three cases of four one of few bits, its opposite or its inverse.
    function _scalar(uint256 seed) private view returns (uint256 scalar) {
        uint256 kind = seed & 3;
        scalar = kind == 0 ? seed % SM2Curve.N : (seed >> 2) % (1 << ((seed >> 248) % 12));
        if (scalar == 0) return 1;
        if (kind == 2) return SM2Curve.N - scalar;
        if (kind == 3) return Math.invModPrime(scalar, SM2Curve.N);
    }

    /// @dev The affine k * G. The sign of y is found by the abscissa of (k + 1) * G.
    function _multiple(uint256 k) private view returns (uint256 x, uint256 y) {
        (uint256 p, uint256 z) = (SM2Curve.P, 0);
        (x, z) = SM2Curve.combination(k, 0, SM2Curve.GX, SM2Curve.GY);
        x = mulmod(x, Math.invModPrime(mulmod(z, z, p), p), p);
        y = Math.modExp(addmod(mulmod(addmod(mulmod(x, x, p), SM2Curve.A, p), x, p), SM2Curve.B, p), (p + 1) / 4, p);
        // Of +-y, k * G is the one whose sum with G has the abscissa of (k + 1) * G.
        (uint256 x1, uint256 z1) = SM2Curve.combination(k, 1, SM2Curve.GX, SM2Curve.GY);
        (uint256 x2, uint256 z2) = SM2Curve.combination(1, 1, x, y);
        if (mulmod(x1, mulmod(z2, z2, p), p) != mulmod(x2, mulmod(z1, z1, p), p) || (z1 == 0) != (z2 == 0)) y = p - y;
    }
}
