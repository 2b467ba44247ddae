// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";

/// @dev An SM2 public key of a member. `since` is zero until it is certified, `until` zero as long as its end is open; both in
/// ledger time. `userDigest` is Z_A of GB/T 32918.2 for the id 1234567812345678.
struct IdentityKey {
    uint256 x;
    uint256 y;
    bytes32 userDigest;
    bytes32 certificateDigest;
    uint64 presentedAt;
    uint64 since;
    uint64 until;
}

/// @title By which SM2 keys members are known
/// @notice A key is presented with a signature that is verified on chain, certified once the Association has issued a
/// certificate for it, and ends when the next one has been certified for a while, or when it is revoked.
interface IIdentityKeys {
    event KeyPresented(MemberId indexed member, uint256 indexed index, uint256 x, uint256 y);
    event KeyCertified(MemberId indexed member, uint256 indexed index, bytes32 certificateDigest);
    event KeyRevoked(MemberId indexed member, uint256 indexed index, bytes32 reasonDigest);

    /// @dev The signature is not that of the key over {possessionDigest}.
    error KeyPossessionUnproven(MemberId member);
    /// @dev The key was presented before, by `member`: keys are used once.
    error KeyInUse(uint256 x, uint256 y, MemberId member);
    error KeyUnknown(MemberId member, uint256 index);
    error KeyAlreadyCertified(MemberId member, uint256 index);
    error KeyAlreadyOver(MemberId member, uint256 index);
    error KeyCertificateMissing(MemberId member, uint256 index);
    /// @dev The member has no certified key that is valid now.
    error KeyNotCertified(MemberId member);

    /// @notice Presents a key for the caller's member; `possession` is its SM2 signature (r, s) over {possessionDigest}.
    function presentKey(uint256 x, uint256 y, bytes calldata possession) external returns (uint256 index);

    /// @notice Records the certificate that was issued for a presented key of a member that has not left. The key before it stays valid for the overlap.
    function certifyKey(MemberId member, uint256 index, bytes32 certificateDigest) external;

    /// @notice Ends a key at once.
    function revokeKey(MemberId member, uint256 index, bytes32 reasonDigest) external;

    /// @notice What the holder of the key signs: binds chain, registry, the caller's account and the key.
    function possessionDigest(address account, uint256 x, uint256 y) external view returns (bytes32);

    /// @notice Keys of a member count from 0.
    function keyCount(MemberId member) external view returns (uint256);

    function getKey(MemberId member, uint256 index) external view returns (IdentityKey memory);

    /// @notice Whether the key was certified and not over at ledger time `moment`, nor its member gone.
    function wasKeyOf(MemberId member, uint256 index, uint64 moment) external view returns (bool);

    function hasValidKey(MemberId member) external view returns (bool);
}
