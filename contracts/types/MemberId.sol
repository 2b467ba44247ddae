// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Identifier of a member, counted up from 1 in order of application. Zero means "no member".
type MemberId is uint32;

using {memberIdEquals as ==, memberIdDiffers as !=} for MemberId global;

function memberIdEquals(MemberId a, MemberId b) pure returns (bool) {
    return MemberId.unwrap(a) == MemberId.unwrap(b);
}

function memberIdDiffers(MemberId a, MemberId b) pure returns (bool) {
    return MemberId.unwrap(a) != MemberId.unwrap(b);
}
