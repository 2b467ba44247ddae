// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SM2BasePoint} from "./SM2BasePoint.sol";

// A verification is 6,000 modular multiplications and additions: what surrounds each of them counts.
// solhint-disable no-inline-assembly

/// @title The curve of SM2
/// @notice y^2 = x^3 + ax + b over the integers mod p, with the parameters that GB/T 32918.5-2017 recommends; cofactor 1, so
/// every point but infinity has the prime order n. One operation is offered, {combination}: all that a verification needs.
///
/// Method: Strauss and Shamir with windows of four bits, 64 times four doublings and at most one addition from a table of
/// multiples 1..15 of each point. Points are Jacobian, (X, Y, Z) for (X / Z^2, Y / Z^3); since (X, -Y, -Z) is the same
/// point, the formulas below change both signs where that saves a subtraction. Z = 0, with any X and Y, is infinity. Every coordinate is below p.
///
/// Beware of the exceptions of the addition formulas: whoever chooses the key knows its logarithm and can steer the sum into
/// P + P, P + (-P) or infinity + P at any step. In each of them, and in no other case, the new Z is zero; then
/// {_addAlike} decides. Doubling has none: infinity stays infinity, and no point has order two.
///
/// Not constant in time or gas: for public values only, never with a secret scalar.
library SM2Curve {
    /// @notice The field's prime p.
    uint256 internal constant P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff;
    /// @notice The order n of the base point, a prime below p.
    uint256 internal constant N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123;
    /// @notice The coefficient a, which is p - 3.
    uint256 internal constant A = 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc;
    /// @notice The coefficient b.
    uint256 internal constant B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93;
    /// @notice The base point's x.
    uint256 internal constant GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7;
    /// @notice The base point's y.
    uint256 internal constant GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0;

    /// @dev 3 / 2 mod p.
    uint256 private constant _THREE_HALVES = 0x7fffffff7fffffffffffffffffffffffffffffff800000008000000000000001;

    /// @dev The table: columns of 16 words, row i for the multiple i. First the key's -X at 0, Y, Z, Z^2 and -Z^3, then the base
    /// point's -x and y ({SM2BasePoint}). Row 0 would be infinity, which is never added: its words hold the scalars.
    uint256 private constant _Y = 0x200;
    uint256 private constant _Z = 0x400;
    uint256 private constant _ZZ = 0x600;
    uint256 private constant _ZZZ = 0x800;
    uint256 private constant _BASE = 0xa00;
    uint256 private constant _SIZE = 0xe00;

    /// @notice Whether (x, y) is a point of the curve in its only encoding: coordinates below p. Infinity has none.
    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        return x < P && y < P && mulmod(y, y, P) == addmod(mulmod(addmod(mulmod(x, x, P), A, P), x, P), B, P);
    }

    /// @notice s * G + t * (x, y) as X and Z of its Jacobian form: its abscissa is X / Z^2, and Z = 0 is infinity.
    /// @param s Any 256-bit number, as `t`; both may exceed the order.
    /// @param x With `y` a point for which {isOnCurve} holds; the result means nothing otherwise.
    function combination(uint256 s, uint256 t, uint256 x, uint256 y) internal pure returns (uint256, uint256) {
        uint256 table;
        // Allocates the table, from the free memory pointer on, and writes to its first and its _BASE-th word.
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, _SIZE))
            mstore(table, t)
            mstore(add(table, _BASE), s)
        }
        _tabulate(table, x, y);
        (x, y) = _evaluate(table);
        // Frees the table: nothing was allocated since, nothing refers to it.
        assembly ("memory-safe") {
            mstore(0x40, table)
        }
        return (x, y);
    }

    /// @dev Fills the rows 1..15 of `table`. 2kP + P has no exception: n is a prime above 15, so 2k is not 0, 1 or -1 mod n.
    function _tabulate(uint256 table, uint256 x1, uint256 y1) private pure {
        // Row offsets stay below 0x200, the table inside memory.
        unchecked {
            SM2BasePoint.store(table + _BASE);
            _put(table + 0x20, x1, y1, 1);
            for (uint256 k = 0x20; k < 0x100; k += 0x20) {
                (uint256 x, uint256 y, uint256 z) = _double(
                    P - _wordAt(table + k),
                    _wordAt(table + k + _Y),
                    _wordAt(table + k + _Z)
                );
                _put(table + 2 * k, x, y, z);
                (x, y, z) = _addAffine(x, y, z, P - x1, y1);
                _put(table + 2 * k + 0x20, x, y, z);
            }
        }
    }

    /// @dev Walks both scalars from their highest four bits down. The sum starts as infinity.
    // solhint-disable-next-line function-max-lines
    function _evaluate(uint256 table) private pure returns (uint256 x, uint256 z) {
        uint256 y = 0;
        for (uint256 i = 256; i != 0;) {
            uint256 q;
            // Four doublings as in {_double}, but Z is left with the wrong sign: the point turns into its opposite four times,
            // so not at all. i is a multiple of 4 above 0, q a row offset; the operands of sub are below p.
            assembly ("memory-safe") {
                let p := P
                i := sub(i, 4)
                let m := mulmod(z, z, p)
                m := mulmod(_THREE_HALVES, mulmod(addmod(x, m, p), addmod(x, sub(p, m), p), p), p)
                let v := mulmod(y, y, p)
                let u := mulmod(x, sub(p, v), p)
                z := mulmod(y, z, p)
                x := addmod(mulmod(m, m, p), addmod(u, u, p), p)
                y := addmod(mulmod(m, addmod(x, u, p), p), mulmod(v, v, p), p)

                m := mulmod(z, z, p)
                m := mulmod(_THREE_HALVES, mulmod(addmod(x, m, p), addmod(x, sub(p, m), p), p), p)
                v := mulmod(y, y, p)
                u := mulmod(x, sub(p, v), p)
                z := mulmod(y, z, p)
                x := addmod(mulmod(m, m, p), addmod(u, u, p), p)
                y := addmod(mulmod(m, addmod(x, u, p), p), mulmod(v, v, p), p)

                m := mulmod(z, z, p)
                m := mulmod(_THREE_HALVES, mulmod(addmod(x, m, p), addmod(x, sub(p, m), p), p), p)
                v := mulmod(y, y, p)
                u := mulmod(x, sub(p, v), p)
                z := mulmod(y, z, p)
                x := addmod(mulmod(m, m, p), addmod(u, u, p), p)
                y := addmod(mulmod(m, addmod(x, u, p), p), mulmod(v, v, p), p)

                m := mulmod(z, z, p)
                m := mulmod(_THREE_HALVES, mulmod(addmod(x, m, p), addmod(x, sub(p, m), p), p), p)
                v := mulmod(y, y, p)
                u := mulmod(x, sub(p, v), p)
                z := mulmod(y, z, p)
                x := addmod(mulmod(m, m, p), addmod(u, u, p), p)
                y := addmod(mulmod(m, addmod(x, u, p), p), mulmod(v, v, p), p)

                q := and(0x1e0, shl(5, shr(i, mload(table))))
            }
            if (q != 0) {
                // (X, Y, Z) + row q, as {_addAffine} but for a second point with a Z of its own. The operands of sub are
                // below p, reads inside the table. Writes the sum only if its Z is not zero, and then clears q.
                assembly ("memory-safe") {
                    let p := P
                    q := add(table, q)
                    let m := mulmod(z, z, p)
                    let u := mulmod(x, mload(add(q, _ZZ)), p)
                    let h := addmod(u, mulmod(mload(q), m, p), p)
                    let w := mulmod(y, mload(add(q, _ZZZ)), p)
                    let r := addmod(w, mulmod(mload(add(q, _Y)), mulmod(m, z, p), p), p)
                    m := mulmod(mulmod(z, mload(add(q, _Z)), p), h, p)
                    if m {
                        z := m
                        m := mulmod(h, h, p)
                        h := mulmod(h, m, p)
                        m := mulmod(u, sub(p, m), p)
                        x := addmod(addmod(mulmod(r, r, p), h, p), addmod(m, m, p), p)
                        y := addmod(mulmod(r, addmod(x, m, p), p), mulmod(w, h, p), p)
                        q := 0
                    }
                }
                if (q != 0) (x, y, z) = _addAlike(y, z, q, _wordAt(q + _Z));
            }
            // A row offset, as above.
            assembly ("memory-safe") {
                q := and(0x1e0, shl(5, shr(i, mload(add(table, _BASE)))))
            }
            if (q != 0) {
                // (X, Y, Z) + row q of the base point: {_addAffine} with the same bounds and the same use of q as above.
                assembly ("memory-safe") {
                    let p := P
                    q := add(add(table, _BASE), q)
                    let m := mulmod(z, z, p)
                    let h := addmod(x, mulmod(mload(q), m, p), p)
                    let w := sub(p, y)
                    let r := addmod(w, mulmod(mload(add(q, _Y)), mulmod(m, z, p), p), p)
                    m := mulmod(z, h, p)
                    if m {
                        z := m
                        m := mulmod(h, h, p)
                        h := mulmod(h, m, p)
                        m := mulmod(x, sub(p, m), p)
                        x := addmod(addmod(mulmod(r, r, p), h, p), addmod(m, m, p), p)
                        y := addmod(mulmod(r, addmod(x, m, p), p), mulmod(w, h, p), p)
                        q := 0
                    }
                }
                if (q != 0) (x, y, z) = _addAlike(y, z, q, 1);
            }
        }
    }

    /// @dev (X1, Y1, Z1) + row q, whose Z is `z2`, when the formulas gave Z = 0: the first point is infinity, or both have the
    /// same abscissa. Then they are equal or opposite, which their ordinates Y1 / Z1^3 and Y2 / Z2^3 tell.
    function _addAlike(uint256 y1, uint256 z1, uint256 q, uint256 z2) private pure returns (uint256, uint256, uint256) {
        uint256 x2 = P - _wordAt(q);
        uint256 y2 = _wordAt(q + _Y);
        if (z1 == 0) return (x2, y2, z2);
        if (mulmod(y1, _cube(z2), P) != mulmod(y2, _cube(z1), P)) return (0, 0, 0);
        return _double(x2, y2, z2);
    }

    /// @dev 2 * (X, Y, Z) by the usual formulas for a = -3 (Chudnovsky 1986; "dbl-2001-b" in the Explicit-Formulas Database),
    /// scaled by 1/2: with M = 3/2 (X - Z^2)(X + Z^2), X' = M^2 - 2XY^2, Y' = M(XY^2 - X') - Y^4, Z' = YZ.
    function _double(uint256 x, uint256 y, uint256 z) private pure returns (uint256 x3, uint256 y3, uint256 z3) {
        // u is -XY^2, and y3 becomes -Y', so z3 must be -Z'. The operands of sub are below p.
        assembly ("memory-safe") {
            let p := P
            let m := mulmod(z, z, p)
            m := mulmod(_THREE_HALVES, mulmod(addmod(x, m, p), addmod(x, sub(p, m), p), p), p)
            let v := mulmod(y, y, p)
            let u := mulmod(x, sub(p, v), p)
            x3 := addmod(mulmod(m, m, p), addmod(u, u, p), p)
            y3 := addmod(mulmod(m, addmod(x3, u, p), p), mulmod(v, v, p), p)
            z3 := sub(p, mulmod(y, z, p))
        }
    }

    /// @dev (X, Y, Z) + (x2, y2) for different abscissas, given -x2. With H = X - x2 Z^2 and R = y2 Z^3 - Y:
    /// X' = R^2 + H^3 - 2XH^2, Y' = R(X' - XH^2) - YH^3, Z' = ZH.
    function _addAffine(
        uint256 x,
        uint256 y,
        uint256 z,
        uint256 minusX2,
        uint256 y2
    ) private pure returns (uint256 x3, uint256 y3, uint256 z3) {
        // z3 serves as Z^2 and y3 as R at first. The operands of sub are below p.
        assembly ("memory-safe") {
            let p := P
            z3 := mulmod(z, z, p)
            let h := addmod(x, mulmod(minusX2, z3, p), p)
            let w := sub(p, y)
            y3 := addmod(w, mulmod(y2, mulmod(z3, z, p), p), p)
            z3 := mulmod(z, h, p)
            let v := mulmod(h, h, p)
            h := mulmod(h, v, p)
            v := mulmod(x, sub(p, v), p)
            x3 := addmod(addmod(mulmod(y3, y3, p), h, p), addmod(v, v, p), p)
            y3 := addmod(mulmod(y3, addmod(x3, v, p), p), mulmod(w, h, p), p)
        }
    }

    /// @dev Writes a row of the key's columns.
    function _put(uint256 q, uint256 x, uint256 y, uint256 z) private pure {
        // Inside the table; x and z are below p.
        assembly ("memory-safe") {
            mstore(q, sub(P, x))
            mstore(add(q, _Y), y)
            mstore(add(q, _Z), z)
            x := mulmod(z, z, P)
            mstore(add(q, _ZZ), x)
            mstore(add(q, _ZZZ), mulmod(sub(P, z), x, P))
        }
    }

    function _wordAt(uint256 q) private pure returns (uint256 word) {
        // Inside the table.
        assembly ("memory-safe") {
            word := mload(q)
        }
    }

    function _cube(uint256 z) private pure returns (uint256) {
        return mulmod(mulmod(z, z, P), z, P);
    }
}
