// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ERC7913SM2Verifier} from "../crypto/ERC7913SM2Verifier.sol";
import {Governed} from "../governance/Governed.sol";
import {MemberId} from "../types/MemberId.sol";
import {IIdentityKeys, IdentityKey} from "./IIdentityKeys.sol";

/// @title By which SM2 keys members are known
/// @notice Part of the member registry. An account and a key are bound by a signature that anybody can verify again: the key
/// signs the account's address, and the account's transaction carries it. Z_A is computed here once, for the usual id.
///
/// Beware: `until` of a key may lie ahead; a certificate revocation list off chain may end it sooner.
abstract contract IdentityKeys is IIdentityKeys, Governed {
    /// @notice How long a key stays valid after the next one has been certified, so that no peer is caught in between.
    uint64 public constant KEY_OVERLAP = 7 days;

    ERC7913SM2Verifier private immutable _VERIFIER;

    mapping(MemberId member => IdentityKey[]) private _keys;
    mapping(bytes32 point => MemberId member) private _presentedBy;

    constructor(ERC7913SM2Verifier verifier) {
        _VERIFIER = verifier;
    }

    /// @inheritdoc IIdentityKeys
    function presentKey(
        uint256 x,
        uint256 y,
        bytes calldata possession
    ) external whenNotFrozen returns (uint256 index) {
        MemberId member = _memberPresenting(_msgSender());
        MemberId other = _presentedBy[keccak256(abi.encode(x, y))];
        if (MemberId.unwrap(other) != 0) revert KeyInUse(x, y, other);
        // Reverts with the verifier's own error for what is no point of the curve.
        bytes memory key = _VERIFIER.keyOf(x, y);
        bytes4 said = _VERIFIER.verify(key, possessionDigest(_msgSender(), x, y), possession);
        if (said != IERC7913SignatureVerifier.verify.selector) revert KeyPossessionUnproven(member);
        _presentedBy[keccak256(abi.encode(x, y))] = member;
        index = _keys[member].length;
        _keys[member].push(
            IdentityKey({
                x: x,
                y: y,
                userDigest: _lastWord(key),
                certificateDigest: 0,
                presentedAt: _ledgerTime(),
                since: 0,
                until: 0
            })
        );
        emit KeyPresented(member, index, x, y);
    }

    /// @inheritdoc IIdentityKeys
    function certifyKey(MemberId member, uint256 index, bytes32 certificateDigest) external restricted whenNotFrozen {
        _requireRemaining(member);
        IdentityKey storage key = _knownKey(member, index);
        if (key.since != 0) revert KeyAlreadyCertified(member, index);
        if (key.until != 0) revert KeyAlreadyOver(member, index);
        if (certificateDigest == 0) revert KeyCertificateMissing(member, index);
        uint64 moment = _ledgerTime();
        _endEarlierKeys(member, index, moment + KEY_OVERLAP);
        key.since = moment;
        key.certificateDigest = certificateDigest;
        emit KeyCertified(member, index, certificateDigest);
    }

    /// @inheritdoc IIdentityKeys
    /// @dev Open to the member's own operators and to whom the authority allows.
    function revokeKey(MemberId member, uint256 index, bytes32 reasonDigest) external whenNotFrozen {
        if (!_actsFor(_msgSender(), member)) _checkCanCall(_msgSender(), _msgData());
        IdentityKey storage key = _knownKey(member, index);
        uint64 moment = _ledgerTime();
        if (key.until != 0 && key.until <= moment) revert KeyAlreadyOver(member, index);
        key.until = moment;
        emit KeyRevoked(member, index, reasonDigest);
    }

    /// @inheritdoc IIdentityKeys
    function keyCount(MemberId member) external view returns (uint256) {
        return _keys[member].length;
    }

    /// @inheritdoc IIdentityKeys
    function getKey(MemberId member, uint256 index) external view returns (IdentityKey memory) {
        return _knownKey(member, index);
    }

    /// @inheritdoc IIdentityKeys
    function wasKeyOf(MemberId member, uint256 index, uint64 moment) external view returns (bool) {
        IdentityKey storage key = _knownKey(member, index);
        uint64 left = _leftAt(member);
        return _isValid(key, moment) && (left == 0 || moment < left);
    }

    /// @notice The verifier of SM2 signatures.
    function sm2Verifier() external view returns (ERC7913SM2Verifier) {
        return _VERIFIER;
    }

    /// @inheritdoc IIdentityKeys
    function hasValidKey(MemberId member) public view returns (bool) {
        if (_leftAt(member) != 0) return false;
        uint64 moment = _ledgerTime();
        // The latest first: it is nearly always the one.
        for (uint256 i = _keys[member].length; i > 0; --i) {
            if (_isValid(_keys[member][i - 1], moment)) return true;
        }
        return false;
    }

    /// @inheritdoc IIdentityKeys
    function possessionDigest(address account, uint256 x, uint256 y) public view returns (bytes32) {
        return keccak256(abi.encode("riskveil/sm2-possession", block.chainid, address(this), account, x, y));
    }

    /// @dev The member for which `account` presents a key; reverts where it may not.
    function _memberPresenting(address account) internal view virtual returns (MemberId);

    /// @dev Reverts if the member has left.
    function _requireRemaining(MemberId member) internal view virtual;

    /// @dev When the member left, in ledger time; zero while it has not. Its keys end with it, without a loop over them that a
    /// member could make too long to be expelled.
    function _leftAt(MemberId member) internal view virtual returns (uint64);

    /// @dev Whether `account` is in office for `member`.
    function _actsFor(address account, MemberId member) internal view virtual returns (bool);

    function _endEarlierKeys(MemberId member, uint256 latest, uint64 until) private {
        IdentityKey[] storage keys = _keys[member];
        for (uint256 i = 0; i < keys.length; ++i) {
            IdentityKey storage key = keys[i];
            if (i == latest || key.since == 0) continue;
            if (key.until == 0 || key.until > until) key.until = until;
        }
    }

    function _knownKey(MemberId member, uint256 index) private view returns (IdentityKey storage) {
        if (index >= _keys[member].length) revert KeyUnknown(member, index);
        return _keys[member][index];
    }

    function _isValid(IdentityKey storage key, uint64 moment) private view returns (bool) {
        return key.since != 0 && key.since <= moment && (key.until == 0 || moment < key.until);
    }

    /// @dev Z_A stands last in the verifier's form of a key: x, y, Z_A, 32 bytes each.
    function _lastWord(bytes memory key) private pure returns (bytes32 word) {
        // Bound: the verifier's keys are 96 bytes, so the word at 64 lies within.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := mload(add(key, 96))
        }
    }
}
