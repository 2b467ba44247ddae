// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Memory is written word by word: that is what this library is for.
// solhint-disable no-inline-assembly

/// @title Small multiples of SM2's base point
/// @notice G, 2G .. 15G on the curve of GB/T 32918.5-2017, affine, in the form in which {SM2Curve} adds them. They are constants
/// because computing them would add 6,000 gas to each verification; a test computes them anew.
library SM2BasePoint {
    /// @notice Writes p - x of iG to `to` + 32i and y of iG to `to` + 0x200 + 32i, for i = 1 .. 15.
    /// @dev The caller owns the 0x400 bytes from `to` on. The first word of each half is left as it is.
    function store(uint256 to) internal pure {
        // Writes to + 0x20 .. to + 0x3ff, which the caller owns.
        assembly ("memory-safe") {
            mstore(add(to, 0x020), 0xcd3b51d2e0e67ee6a066fbb995c6366b701cf43f0d99f41f8ea5ba76ccb38b38)
            mstore(add(to, 0x220), 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0)
            mstore(add(to, 0x040), 0xa931029e283783fff2a710a8058c45b263f205f63f758ccfb6a3d1e25c0d42ad)
            mstore(add(to, 0x240), 0x31b7e7e6cc8189f668535ce0f8eaf1bd6de84c182f6c8e716f780d3a970a23c3)
            mstore(add(to, 0x060), 0x5680832a4c366c4b41d2557324be1db35ec09425bacfddbc1d96e70e2faf6140)
            mstore(add(to, 0x260), 0x530b5dd88c688ef5ccc5cec08a72150f7c400ee5cd045292aaacdd037458f6e6)
            mstore(add(to, 0x080), 0x3dc6af8dfa397cdbd57efad009be1296ff65f7b42a336c834de9b932cb5f312a)
            mstore(add(to, 0x280), 0xb1bf7ec4080f3c8735f1294ac0db19686bee2e96ab8c71fb7a253666cb66e009)
            mstore(add(to, 0x0a0), 0x38b6f9e8979ad1d9fbf1ff7022a14885cbb5be838031e6255a8a25a833c8d561)
            mstore(add(to, 0x2a0), 0xf2df5db2d144e9454504c622b51cf38f5006206eb579ff7da6976eff5fbe6480)
            mstore(add(to, 0x0c0), 0xf6d85049826cb7c444e836c18e0dd5cefa0077a8599fe977d374e5e5c3b4f2cf)
            mstore(add(to, 0x2c0), 0x150c6b1ab4d1fc7eac1c0ef6ebf2664581adf1f0855a064dd572103000088f63)
            mstore(add(to, 0x0e0), 0x220f6da9abf63e6202417958a3ec66f957fe67cb88bb118832d81c7b260350ea)
            mstore(add(to, 0x2e0), 0x847d18ffb38e87065cd6b6e9c12d2922037937707d6a49a2223b949657e52bc1)
            mstore(add(to, 0x100), 0x463c0513b4e9ef8ec24bccc2b179f19b2b15ca28f3e3d64598a27dd212f446e9)
            mstore(add(to, 0x300), 0xc519b309ecf7269c2491d2de9accf2be0366a8a03024b3e03c286da2cfd31a3e)
            mstore(add(to, 0x120), 0x5d8dcc0b5a6a6af7f4b5dbbb5b958b3a0172a633bc9e61b1e8cb8d5a7335db81)
            mstore(add(to, 0x320), 0x379e72f63722c924768f7689b210f45fc3a8433140d1ebca85227940922c02e9)
            mstore(add(to, 0x140), 0x2c06b79cae69de3ede999f9e09a3c1cd4d2f2f9932de61ce7b5fb7eb24add8a9)
            mstore(add(to, 0x340), 0x4b9030cf676f6a742ebd57d146dca428f6b743f64d1482d147d46fb2bab82a14)
            mstore(add(to, 0x160), 0xfb4c34ee3639271d83e55488f0980abceda23229763d007e99738b28731df531)
            mstore(add(to, 0x360), 0x63516355287e39fe4918e5c02e2b0b930c94816e63c4bc72739a8fd805174a4b)
            mstore(add(to, 0x180), 0x403d20934e8068e5276fa735fa641b91a084ae92a42522536360fbd2fd86d8f5)
            mstore(add(to, 0x380), 0xb145513f59636106cef696b67939bd7b73c9fc6fd150aaaab5fbf87b64af3c26)
            mstore(add(to, 0x1a0), 0x6adf8d2800639a42057fbaecd8a0a75584159a38bde1e762d47cb0e2af64632f)
            mstore(add(to, 0x3a0), 0xe6bb9804458bb70f1a473f8d9748f23858d1434ae934ba7503891e105e009b00)
            mstore(add(to, 0x1c0), 0x7c4b5b20695b28f0b5507e7d967d28b710dd15d64162bb22f5bbdb75c944f5f8)
            mstore(add(to, 0x3c0), 0xe481c0d9ee8a98d4eeb6d6c6d7e74f8e3e707c8a438529492e663cd4373a2f24)
            mstore(add(to, 0x1e0), 0x08c47c5fec6ed3e5cd6e9893c72c6cdbc4bdb0c90f1331b4b9e4e44347f07d63)
            mstore(add(to, 0x3e0), 0x32ec7722695dc7cf5ee9fab985c12455dc2e788fb170aa144c3533771db0955e)
        }
    }
}
