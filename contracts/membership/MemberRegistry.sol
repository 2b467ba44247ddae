// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC7913SM2Verifier} from "../crypto/ERC7913SM2Verifier.sol";
import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {Incentivised} from "../incentive/Incentivised.sol";
import {MemberId} from "../types/MemberId.sol";
import {MEMBERSHIP} from "../types/Scope.sol";
import {Capability, kindAllows} from "./Capability.sol";
import {IdentityKeys} from "./IdentityKeys.sol";
import {IMemberRegistry, Member, MemberKind, MemberStatus, Operator} from "./IMemberRegistry.sol";

/// @title Who is in
/// @notice A member applies, presents its SM2 key, is reviewed, passes an acceptance run, gets its certificate and is admitted
/// by the constitution; it may be suspended and reinstated by two of the Association's staff, and leaves once for all. It acts
/// through operators: accounts that serve one member in their whole life, so that a signature found years later still names
/// one member.
///
/// Beware: operators of one member are equals. Whoever steals one operator's key can retire the others; the Association's
/// remedy is {suspend}.
contract MemberRegistry is IMemberRegistry, IdentityKeys, Incentivised {
    uint256 private constant _NAME_MINIMUM = 2;
    uint256 private constant _NAME_MAXIMUM = 32;
    uint256 private constant _ENDPOINT_MAXIMUM = 200;

    uint32 private _memberCount;
    mapping(MemberId member => Member) private _members;
    mapping(bytes32 nameHash => MemberId member) private _byName;
    mapping(address account => Operator) private _operators;
    mapping(MemberId member => uint256 count) private _operatorsInOffice;
    mapping(MemberId member => mapping(address nominee => address nominator)) private _nominations;
    uint32 private _admittedCount;

    constructor(
        address authority_,
        IEmergency emergency_,
        ERC7913SM2Verifier verifier
    ) Governed(authority_, emergency_, MEMBERSHIP) IdentityKeys(verifier) {}

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IMemberRegistry
    /// @dev Anyone may apply; nothing follows from it until {admit}.
    function apply_(
        MemberKind kind,
        string calldata name,
        string calldata endpoint
    ) external whenNotFrozen returns (MemberId member) {
        if (kind == MemberKind.None) revert MemberKindInvalid(kind);
        if (!_isName(bytes(name))) revert MemberNameInvalid(name);
        _requireEndpoint(endpoint);
        bytes32 nameHash = keccak256(bytes(name));
        if (_isMember(_byName[nameHash])) revert MemberNameTaken(name);

        uint64 moment = _ledgerTime();
        member = MemberId.wrap(++_memberCount);
        _byName[nameHash] = member;
        _members[member] = Member({
            kind: kind,
            status: MemberStatus.Applied,
            appliedAt: moment,
            statusAt: moment,
            reviewDigest: 0,
            acceptanceDigest: 0,
            name: name,
            endpoint: endpoint
        });
        emit MemberApplied(member, kind, _msgSender(), name);
        _appoint(member, _msgSender());
    }

    /// @inheritdoc IMemberRegistry
    function recordReview(MemberId member, bytes32 reviewDigest) external restricted whenNotFrozen {
        _applicant(member, reviewDigest).reviewDigest = reviewDigest;
        emit MemberReviewed(member, reviewDigest);
    }

    /// @inheritdoc IMemberRegistry
    function recordAcceptance(MemberId member, bytes32 acceptanceDigest) external restricted whenNotFrozen {
        Member storage record = _applicant(member, acceptanceDigest);
        if (record.reviewDigest == 0) revert MemberNotReviewed(member);
        record.acceptanceDigest = acceptanceDigest;
        emit MemberAccepted(member, acceptanceDigest);
    }

    /// @inheritdoc IMemberRegistry
    /// @dev Happens once in a member's life, so the opening grant does too.
    function admit(MemberId member) external restricted whenNotFrozen {
        Member storage record = _known(member);
        if (record.status == MemberStatus.Applied) {
            if (record.acceptanceDigest == 0) revert MemberNotAccepted(member);
            if (!hasValidKey(member)) revert KeyNotCertified(member);
        }
        _changeStatus(member, MemberStatus.Applied, MemberStatus.Active);
        ++_admittedCount;
        emit MemberAdmitted(member);
        incentiveRules().onAdmitted(member);
    }

    /// @inheritdoc IMemberRegistry
    function suspend(MemberId member, bytes32 reasonDigest) external restricted whenNotFrozen {
        _changeStatus(member, MemberStatus.Active, MemberStatus.Suspended);
        emit MemberSuspended(member, reasonDigest);
    }

    /// @inheritdoc IMemberRegistry
    function reinstate(MemberId member) external restricted whenNotFrozen {
        _changeStatus(member, MemberStatus.Suspended, MemberStatus.Active);
        emit MemberReinstated(member);
    }

    /// @inheritdoc IMemberRegistry
    /// @dev Open to the member's own operators and to whom the authority allows. The name of an applicant that was never
    /// admitted becomes free again; that of a member stays its own for ever.
    function exit(MemberId member) external whenNotFrozen {
        if (!_actsFor(_msgSender(), member)) _checkCanCall(_msgSender(), _msgData());
        Member storage record = _known(member);
        if (record.status == MemberStatus.Exited) {
            revert MemberStatusConflict(member, record.status, MemberStatus.Active);
        }
        if (record.status == MemberStatus.Applied) _byName[keccak256(bytes(record.name))] = MemberId.wrap(0);
        else --_admittedCount;
        _changeStatus(member, record.status, MemberStatus.Exited);
        emit MemberExited(member);
    }

    /// @inheritdoc IMemberRegistry
    function setEndpoint(string calldata endpoint) external whenNotFrozen {
        MemberId member = _remainingMemberOf(_msgSender());
        _requireEndpoint(endpoint);
        _members[member].endpoint = endpoint;
        emit EndpointChanged(member, endpoint);
    }

    /// @inheritdoc IMemberRegistry
    /// @dev A nomination stands only as long as its nominator is in office: what a stolen key nominated falls with it.
    function nominateOperator(address account) external whenNotFrozen {
        MemberId member = _remainingMemberOf(_msgSender());
        _requireUnused(account);
        _nominations[member][account] = _msgSender();
        emit OperatorNominated(member, account);
    }

    /// @inheritdoc IMemberRegistry
    function acceptNomination(MemberId member) external whenNotFrozen {
        address account = _msgSender();
        _requireUnused(account);
        if (!_actsFor(_nominations[member][account], member)) revert OperatorNotNominated(account, member);
        delete _nominations[member][account];
        _appoint(member, account);
    }

    /// @inheritdoc IMemberRegistry
    function retireOperator(address account) external whenNotFrozen {
        MemberId member = _remainingMemberOf(_msgSender());
        if (!_actsFor(account, member)) revert OperatorUnknown(account);
        if (_operatorsInOffice[member] == 1) revert OperatorLast(member, account);
        _operators[account].until = _ledgerTime();
        --_operatorsInOffice[member];
        emit OperatorRetired(member, account);
    }

    /// @inheritdoc IMemberRegistry
    function memberCount() external view returns (uint32) {
        return _memberCount;
    }

    /// @inheritdoc IMemberRegistry
    function admittedCount() external view returns (uint32) {
        return _admittedCount;
    }

    /// @inheritdoc IMemberRegistry
    function getMember(MemberId member) external view returns (Member memory) {
        return _known(member);
    }

    /// @inheritdoc IMemberRegistry
    /// @dev All zero for an account that never was an operator.
    function getOperator(address account) external view returns (Operator memory) {
        return _operators[account];
    }

    /// @inheritdoc IMemberRegistry
    /// @dev Zero if no member bears the name.
    function memberByName(string calldata name) external view returns (MemberId) {
        return _byName[keccak256(bytes(name))];
    }

    /// @inheritdoc IMemberRegistry
    function entitledMemberOf(address account, Capability capability) external view returns (MemberId member) {
        member = activeMemberOf(account);
        MemberKind kind = _members[member].kind;
        if (!kindAllows(kind, capability)) revert MemberNotEntitled(member, kind, capability);
    }

    /// @inheritdoc IMemberRegistry
    function isAdmitted(MemberId member) external view returns (bool) {
        MemberStatus status = _members[member].status;
        return status == MemberStatus.Active || status == MemberStatus.Suspended;
    }

    /// @inheritdoc IMemberRegistry
    function isEntitled(MemberId member, Capability capability) external view returns (bool) {
        Member storage record = _members[member];
        return record.status == MemberStatus.Active && kindAllows(record.kind, capability);
    }

    /// @inheritdoc IMemberRegistry
    function isActive(MemberId member) external view returns (bool) {
        return _members[member].status == MemberStatus.Active;
    }

    /// @inheritdoc IMemberRegistry
    function wasOperatorOf(MemberId member, address account, uint64 moment) external view returns (bool) {
        Operator memory operator = _operators[account];
        return
            _isMember(operator.member) &&
            operator.member == member &&
            operator.since <= moment &&
            (operator.until == 0 || moment < operator.until);
    }

    /// @inheritdoc IMemberRegistry
    /// @dev No key is known for an address taken from a hash of other things than a public key.
    function vaultOf(MemberId member) external view returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("riskveil/vault", address(this), member)))));
    }

    /// @inheritdoc IMemberRegistry
    function memberOf(address account) public view returns (MemberId) {
        Operator storage operator = _operators[account];
        if (!_isMember(operator.member) || operator.until != 0) revert OperatorUnknown(account);
        return operator.member;
    }

    /// @inheritdoc IMemberRegistry
    function activeMemberOf(address account) public view returns (MemberId member) {
        member = memberOf(account);
        MemberStatus status = _members[member].status;
        if (status != MemberStatus.Active) revert MemberNotActive(member, status);
    }

    /// @inheritdoc IdentityKeys
    /// @dev An applicant presents its first key, a member its next one.
    function _memberPresenting(address account) internal view override returns (MemberId) {
        return _remainingMemberOf(account);
    }

    /// @inheritdoc IdentityKeys
    function _requireRemaining(MemberId member) internal view override {
        if (_members[member].status == MemberStatus.Exited) revert MemberNotActive(member, MemberStatus.Exited);
    }

    /// @inheritdoc IdentityKeys
    function _leftAt(MemberId member) internal view override returns (uint64) {
        Member storage record = _members[member];
        return record.status == MemberStatus.Exited ? record.statusAt : 0;
    }

    /// @inheritdoc IdentityKeys
    function _actsFor(address account, MemberId member) internal view override returns (bool) {
        Operator storage operator = _operators[account];
        return _isMember(member) && operator.member == member && operator.until == 0;
    }

    function _appoint(MemberId member, address account) private {
        _requireUnused(account);
        _operators[account] = Operator({member: member, since: _ledgerTime(), until: 0});
        ++_operatorsInOffice[member];
        emit OperatorAppointed(member, account);
    }

    function _changeStatus(MemberId member, MemberStatus from, MemberStatus to) private {
        Member storage record = _known(member);
        if (record.status != from) revert MemberStatusConflict(member, record.status, from);
        record.status = to;
        record.statusAt = _ledgerTime();
    }

    function _applicant(MemberId member, bytes32 digest) private view returns (Member storage record) {
        record = _known(member);
        if (record.status != MemberStatus.Applied) {
            revert MemberStatusConflict(member, record.status, MemberStatus.Applied);
        }
        if (digest == 0) revert MemberDigestEmpty(member);
    }

    function _known(MemberId member) private view returns (Member storage record) {
        record = _members[member];
        if (record.status == MemberStatus.None) revert MemberUnknown(member);
    }

    /// @dev The member for which `account` acts, unless that member has left.
    function _remainingMemberOf(address account) private view returns (MemberId member) {
        member = memberOf(account);
        _requireRemaining(member);
    }

    function _requireUnused(address account) private view {
        MemberId member = _operators[account].member;
        if (_isMember(member)) revert OperatorInUse(account, member);
    }

    function _isMember(MemberId member) private pure returns (bool) {
        return MemberId.unwrap(member) != 0;
    }

    /// @dev 2 to 32 characters of a-z, 0-9 and "-".
    function _isName(bytes calldata name) private pure returns (bool) {
        if (name.length < _NAME_MINIMUM || name.length > _NAME_MAXIMUM) return false;
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (!((c >= "a" && c <= "z") || (c >= "0" && c <= "9") || c == "-")) return false;
        }
        return true;
    }

    /// @dev `http://` or `https://` and at least one more character, at most 200 in all, visible ASCII only.
    function _requireEndpoint(string calldata endpoint) private pure {
        bytes calldata text = bytes(endpoint);
        bool valid =
            text.length <= _ENDPOINT_MAXIMUM &&
                ((text.length > 7 && bytes7(text[:7]) == "http://") ||
                    (text.length > 8 && bytes8(text[:8]) == "https://"));
        for (uint256 i = 0; valid && i < text.length; ++i) {
            valid = text[i] > 0x20 && text[i] < 0x7f;
        }
        if (!valid) revert EndpointInvalid(endpoint);
    }
}
