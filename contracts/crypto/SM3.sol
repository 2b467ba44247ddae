// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// In plain Solidity a block costs five times as much.
// solhint-disable no-inline-assembly

/// @title SM3
/// @notice The hash of GB/T 32905-2016 (ISO/IEC 10118-3): Merkle-Damgard over blocks of 64 bytes, 256 bits out. Names are the
/// standard's: V, W, W', A..H, FF, GG, P0, P1, T_j.
///
/// Beware: as with every Merkle-Damgard hash, who knows SM3(m) and the length of m knows SM3 of some continuations of m. A key
/// in front of a message does not authenticate it; use HMAC.
///
/// Method: one 32-bit word in each 256-bit word of the EVM wastes most of it, so
/// - the message expansion computes six words W_j at a time, side by side in one EVM word;
/// - a word that will be rotated is kept twice or three times in a row: then a shift to the right is a rotation. Bits
///   above the lowest 32 are never cleared but before such a copy, since no addition or logical operation brings them down.
library SM3 {
    /// @dev V(0).
    uint256 private constant _IV = 0x7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e;

    /// @dev A word; the factors that copy one twice and three times.
    uint256 private constant _WORD = 0xffffffff;
    uint256 private constant _TWICE = 0x100000001;
    uint256 private constant _THRICE = 0x10000000100000001;

    /// @dev T_j <<< i for j < 16 and for j >= 16, repeated: shifted right by s, its lowest 32 bits are T_j <<< (i - s).
    uint256 private constant _T0_0 = 0x79cc451979cc451979cc451979cc451979cc451979cc451979cc451979cc4519;
    uint256 private constant _T0_1 = 0xf3988a32f3988a32f3988a32f3988a32f3988a32f3988a32f3988a32f3988a32;
    uint256 private constant _T0_2 = 0xe7311465e7311465e7311465e7311465e7311465e7311465e7311465e7311465;
    uint256 private constant _T0_3 = 0xce6228cbce6228cbce6228cbce6228cbce6228cbce6228cbce6228cbce6228cb;
    uint256 private constant _T16_0 = 0x7a879d8a7a879d8a7a879d8a7a879d8a7a879d8a7a879d8a7a879d8a7a879d8a;
    uint256 private constant _T16_1 = 0xf50f3b14f50f3b14f50f3b14f50f3b14f50f3b14f50f3b14f50f3b14f50f3b14;
    uint256 private constant _T16_2 = 0xea1e7629ea1e7629ea1e7629ea1e7629ea1e7629ea1e7629ea1e7629ea1e7629;
    uint256 private constant _T16_3 = 0xd43cec53d43cec53d43cec53d43cec53d43cec53d43cec53d43cec53d43cec53;

    /// @dev Rotating eight words by k: the bits of each that come from its own lower part, and those from its upper part.
    uint256 private constant _HIGH_7 = 0xffffff80ffffff80ffffff80ffffff80ffffff80ffffff80ffffff80ffffff80;
    uint256 private constant _LOW_7 = 0x0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f;
    uint256 private constant _HIGH_15 = 0xffff8000ffff8000ffff8000ffff8000ffff8000ffff8000ffff8000ffff8000;
    uint256 private constant _LOW_15 = 0x00007fff00007fff00007fff00007fff00007fff00007fff00007fff00007fff;
    uint256 private constant _HIGH_23 = 0xff800000ff800000ff800000ff800000ff800000ff800000ff800000ff800000;
    uint256 private constant _LOW_23 = 0x007fffff007fffff007fffff007fffff007fffff007fffff007fffff007fffff;

    /// @dev The same for the first three words, and for words 3 to 5.
    uint256 private constant _HIGH_15_FIRST = 0xffff8000ffff8000ffff80000000000000000000000000000000000000000000;
    uint256 private constant _LOW_15_FIRST = 0x00007fff00007fff00007fff0000000000000000000000000000000000000000;
    uint256 private constant _HIGH_6_NEXT = 0x000000000000000000000000ffffffc0ffffffc0ffffffc00000000000000000;
    uint256 private constant _LOW_6_NEXT = 0x0000000000000000000000000000003f0000003f0000003f0000000000000000;
    uint256 private constant _HIGH_15_NEXT = 0x000000000000000000000000ffff8000ffff8000ffff80000000000000000000;
    uint256 private constant _LOW_15_NEXT = 0x00000000000000000000000000007fff00007fff00007fff0000000000000000;
    uint256 private constant _HIGH_30_NEXT = 0x000000000000000000000000c0000000c0000000c00000000000000000000000;
    uint256 private constant _LOW_30_NEXT = 0x0000000000000000000000003fffffff3fffffff3fffffff0000000000000000;

    /// @dev The work space of {_compress}: 64 bytes of message, then what it writes itself; 32 bytes before it are read.
    uint256 private constant _SPACE = 0x140;

    /// @notice SM3 of `data`.
    /// @dev About 23,500 gas for each 64 bytes begun, 9 bytes of padding included.
    function hash(bytes memory data) internal pure returns (bytes32) {
        uint256 v = _IV;
        uint256 from;
        uint256 left;
        uint256 w;
        // Allocates the work space with the 32 bytes before it.
        assembly ("memory-safe") {
            from := add(data, 0x20)
            left := mload(data)
            w := add(mload(0x40), 0x20)
            mstore(0x40, add(w, _SPACE))
        }
        for (; left > 63; left -= 64) {
            // Reads 64 of the bytes left.
            assembly ("memory-safe") {
                mcopy(w, from, 64)
                from := add(from, 64)
            }
            v = _compress(v, w);
        }
        // At most 63 bytes and the padding's first fit the block.
        assembly ("memory-safe") {
            mstore(w, 0)
            mstore(add(w, 0x20), 0)
            mcopy(w, from, left)
            mstore8(add(w, left), 0x80)
        }
        if (left > 55) {
            v = _compress(v, w);
            assembly ("memory-safe") {
                mstore(w, 0)
                mstore(add(w, 0x20), 0)
            }
        }
        // The last 8 bytes of the block are zero: the length in bits, which is below 2^64 for anything that fits memory.
        assembly ("memory-safe") {
            let end := add(w, 0x20)
            mstore(end, or(mload(end), shl(3, mload(data))))
        }
        v = _compress(v, w);
        // Frees the work space: nothing was allocated since, nothing refers to it.
        assembly ("memory-safe") {
            mstore(0x40, sub(w, 0x20))
        }
        return bytes32(v);
    }

    /// @dev CF(V, B) for the block B in the first 64 bytes of the work space `w`.
    function _compress(uint256 v, uint256 w) private pure returns (uint256) {
        _expand(w);
        return v ^ _rounds(v, w);
    }

    /// @dev Section 5.3.2: W_16 .. W_67 behind the block,
    /// W_j = P1(W_(j-16) ^ W_(j-9) ^ (W_(j-3) <<< 15)) ^ (W_(j-13) <<< 7) ^ W_(j-6), P1(X) = X ^ (X <<< 15) ^ (X <<< 23).
    ///
    /// Nine times six words. W_j depends on W_(j-3), so words 3..5 of a group first go without that term; P1 is linear, so
    /// P1(W <<< 15) = (W <<< 15) ^ (W <<< 30) ^ (W <<< 6) of words 0..2 is added to them at the end.
    function _expand(uint256 w) private pure {
        // Reads from w to w + 0x120 and writes from w + 0x40 to w + 0x120: within the work space. Each group also writes two
        // meaningless words behind itself; the next group overwrites them before anything reads them.
        assembly ("memory-safe") {
            let end := add(w, 0x118)
            for {
                let q := add(w, 0x40)
            } lt(q, end) {
                q := add(q, 24)
            } {
                let x := mload(sub(q, 12))
                x := xor(and(shl(15, x), _HIGH_15_FIRST), and(shr(17, x), _LOW_15_FIRST))
                x := xor(x, xor(mload(sub(q, 64)), mload(sub(q, 36))))
                let y := mload(sub(q, 52))
                y := xor(and(shl(7, y), _HIGH_7), and(shr(25, y), _LOW_7))
                y := xor(xor(x, y), mload(sub(q, 24)))
                y := xor(y, xor(and(shl(15, x), _HIGH_15), and(shr(17, x), _LOW_15)))
                y := xor(y, xor(and(shl(23, x), _HIGH_23), and(shr(9, x), _LOW_23)))
                // Words 0..2, rotated, move three places on: 96 bits to the right.
                x := xor(and(shr(81, y), _HIGH_15_NEXT), and(shr(113, y), _LOW_15_NEXT))
                x := xor(x, xor(and(shr(66, y), _HIGH_30_NEXT), and(shr(98, y), _LOW_30_NEXT)))
                x := xor(x, xor(and(shr(90, y), _HIGH_6_NEXT), and(shr(122, y), _LOW_6_NEXT)))
                mstore(q, xor(x, y))
            }
        }
    }

    /// @dev Section 5.3.3, without the last step. Four rounds a turn, so that the words change their roles and not their places.
    /// In each, for A..H in their roles: t is A <<< 12, u is SS1 and t ^ u is SS2; H becomes the new E = P0(TT2), D the new A = TT1,
    /// B is rotated to become C and F to become G. W_j is the last word of the 32 bytes that end behind it.
    // solhint-disable-next-line function-max-lines
    function _rounds(uint256 v, uint256 w) private pure returns (uint256 next) {
        // Reads from w - 28 to w + 0x110. s goes down from 64 to 0 in steps of 4, q up from w to w + 0x100 in steps of 16.
        // A, B, E and F hold their word twice, in their lowest 64 bits; all sums are modulo 2^32 in their lowest 32 bits.
        assembly ("memory-safe") {
            let a := mul(_TWICE, shr(224, v))
            let b := mul(_TWICE, and(_WORD, shr(192, v)))
            let c := shr(160, v)
            let d := shr(128, v)
            let e := mul(_TWICE, and(_WORD, shr(96, v)))
            let f := mul(_TWICE, and(_WORD, shr(64, v)))
            let g := shr(32, v)
            let h := v
            let t
            let u
            let q := w
            let s := 64
            // FF and GG are A ^ B ^ C and E ^ F ^ G for j < 16,
            for {} gt(s, 48) {
                s := sub(s, 4)
                q := add(q, 16)
            } {
                t := shr(20, a)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(e, shr(s, _T0_0))))))
                h := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 28))), add(h, xor(g, xor(f, e))))))
                d := mul(
                    _TWICE,
                    and(
                        _WORD,
                        add(xor(t, u), add(xor(mload(sub(q, 28)), mload(sub(q, 12))), add(d, xor(c, xor(b, a)))))
                    )
                )
                h := shr(32, xor(h, xor(shl(9, h), shl(17, h))))
                b := shr(23, b)
                f := shr(13, f)

                t := shr(20, d)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(h, shr(s, _T0_1))))))
                g := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 24))), add(g, xor(f, xor(e, h))))))
                c := mul(
                    _TWICE,
                    and(_WORD, add(xor(t, u), add(xor(mload(sub(q, 24)), mload(sub(q, 8))), add(c, xor(b, xor(a, d))))))
                )
                g := shr(32, xor(g, xor(shl(9, g), shl(17, g))))
                a := shr(23, a)
                e := shr(13, e)

                t := shr(20, c)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(g, shr(s, _T0_2))))))
                f := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 20))), add(f, xor(e, xor(h, g))))))
                b := mul(
                    _TWICE,
                    and(_WORD, add(xor(t, u), add(xor(mload(sub(q, 20)), mload(sub(q, 4))), add(b, xor(a, xor(d, c))))))
                )
                f := shr(32, xor(f, xor(shl(9, f), shl(17, f))))
                d := shr(23, d)
                h := shr(13, h)

                t := shr(20, b)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(f, shr(s, _T0_3))))))
                e := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 16))), add(e, xor(h, xor(g, f))))))
                a := mul(
                    _TWICE,
                    and(_WORD, add(xor(t, u), add(xor(mload(sub(q, 16)), mload(q)), add(a, xor(d, xor(c, b))))))
                )
                e := shr(32, xor(e, xor(shl(9, e), shl(17, e))))
                c := shr(23, c)
                g := shr(13, g)
            }
            // then (A & B) | (A & C) | (B & C) and (E & F) | (~E & G).
            for {} s {
                s := sub(s, 4)
                q := add(q, 16)
            } {
                t := shr(20, a)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(e, shr(s, _T16_0))))))
                h := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 28))), add(h, xor(g, and(e, xor(g, f)))))))
                d := mul(
                    _TWICE,
                    and(
                        _WORD,
                        add(
                            xor(t, u),
                            add(xor(mload(sub(q, 28)), mload(sub(q, 12))), add(d, or(and(b, a), and(c, or(b, a)))))
                        )
                    )
                )
                h := shr(32, xor(h, xor(shl(9, h), shl(17, h))))
                b := shr(23, b)
                f := shr(13, f)

                t := shr(20, d)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(h, shr(s, _T16_1))))))
                g := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 24))), add(g, xor(f, and(h, xor(f, e)))))))
                c := mul(
                    _TWICE,
                    and(
                        _WORD,
                        add(
                            xor(t, u),
                            add(xor(mload(sub(q, 24)), mload(sub(q, 8))), add(c, or(and(a, d), and(b, or(a, d)))))
                        )
                    )
                )
                g := shr(32, xor(g, xor(shl(9, g), shl(17, g))))
                a := shr(23, a)
                e := shr(13, e)

                t := shr(20, c)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(g, shr(s, _T16_2))))))
                f := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 20))), add(f, xor(e, and(g, xor(e, h)))))))
                b := mul(
                    _TWICE,
                    and(
                        _WORD,
                        add(
                            xor(t, u),
                            add(xor(mload(sub(q, 20)), mload(sub(q, 4))), add(b, or(and(d, c), and(a, or(d, c)))))
                        )
                    )
                )
                f := shr(32, xor(f, xor(shl(9, f), shl(17, f))))
                d := shr(23, d)
                h := shr(13, h)

                t := shr(20, b)
                u := shr(25, mul(_TWICE, and(_WORD, add(t, add(f, shr(s, _T16_3))))))
                e := mul(_THRICE, and(_WORD, add(add(u, mload(sub(q, 16))), add(e, xor(h, and(f, xor(h, g)))))))
                a := mul(
                    _TWICE,
                    and(
                        _WORD,
                        add(xor(t, u), add(xor(mload(sub(q, 16)), mload(q)), add(a, or(and(c, b), and(d, or(c, b))))))
                    )
                )
                e := shr(32, xor(e, xor(shl(9, e), shl(17, e))))
                c := shr(23, c)
                g := shr(13, g)
            }
            next := or(shl(224, a), shl(192, and(_WORD, b)))
            next := or(next, or(shl(160, and(_WORD, c)), shl(128, and(_WORD, d))))
            next := or(next, or(shl(96, and(_WORD, e)), shl(64, and(_WORD, f))))
            next := or(next, or(shl(32, and(_WORD, g)), and(_WORD, h)))
        }
    }
}
