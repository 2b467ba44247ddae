// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SM2Curve} from "./SM2Curve.sol";
import {SM3} from "./SM3.sol";

/// @title SM2 digital signatures
/// @notice Verification as in GB/T 32918.2-2016, section 7, on the curve of GB/T 32918.5-2017 with SM3.
///
/// Beware: what is signed is not the message but e = SM3(Z_A || M), where Z_A binds the signer's id and public key. A caller
/// of {verify} must have made `e` by {zA} and {digest}, or know who did: for a freely chosen e, valid triples (e, r, s) can be
/// found without the private key, and so can a second public key for somebody else's signature.
///
/// An SM2 signature cannot be turned into its mirror image as in ECDSA: s runs up to n - 1, and (r, n - s) is another
/// signature that does not verify. Still, do not use a signature as an identifier: whoever holds the key makes as many as they like.
library SM2 {
    /// @notice The id has more than 8,191 bytes: its length in bits would not fit 16 bits.
    error SM2IdTooLong(uint256 length);

    /// @notice Whether (r, s) is a signature over the digest `e` under the public key (x, y). Never reverts.
    /// @param e SM3(Z_A || M), see {digest}.
    /// @param r 1 .. n - 1, as `s`; anything else is no signature.
    /// @param x With `y` the public key, a point of the curve; nothing verifies under anything else.
    function verify(bytes32 e, bytes32 r, bytes32 s, uint256 x, uint256 y) internal pure returns (bool) {
        if (r == 0 || uint256(r) >= SM2Curve.N || s == 0 || uint256(s) >= SM2Curve.N) return false;
        if (!SM2Curve.isOnCurve(x, y)) return false;
        uint256 t = addmod(uint256(r), uint256(s), SM2Curve.N);
        if (t == 0) return false;
        uint256 z;
        (x, z) = SM2Curve.combination(uint256(s), t, x, y);
        // The point at infinity has no abscissa to compare.
        if (z == 0) return false;
        // n - (e mod n) is above 0, p above n, and x1 + n is only taken where it is below p.
        unchecked {
            // r = (e + x1) mod n for the abscissa x1 = X / Z^2 mod p says that x1 is r - e mod n, or that plus n.
            uint256 x1 = addmod(uint256(r), SM2Curve.N - (uint256(e) % SM2Curve.N), SM2Curve.N);
            z = mulmod(z, z, SM2Curve.P);
            if (x == mulmod(x1, z, SM2Curve.P)) return true;
            return x1 < SM2Curve.P - SM2Curve.N && x == mulmod(x1 + SM2Curve.N, z, SM2Curve.P);
        }
    }

    /// @notice Z_A = SM3(ENTL || id || a || b || xG || yG || x || y), section 5.5; ENTL is the id's length in bits in 16 bits.
    /// @dev Does not look whether (x, y) is a point: {SM2Curve-isOnCurve} does.
    function zA(bytes memory id, uint256 x, uint256 y) internal pure returns (bytes32) {
        require(id.length < 8192, SM2IdTooLong(id.length));
        return
            SM3.hash(
                abi.encodePacked(
                    // Below 2^16, as the length is below 2^13.
                    uint16(id.length * 8),
                    id,
                    SM2Curve.A,
                    SM2Curve.B,
                    SM2Curve.GX,
                    SM2Curve.GY,
                    x,
                    y
                )
            );
    }

    /// @notice e = SM3(Z_A || message).
    function digest(bytes32 zA_, bytes memory message) internal pure returns (bytes32) {
        return SM3.hash(abi.encodePacked(zA_, message));
    }
}
