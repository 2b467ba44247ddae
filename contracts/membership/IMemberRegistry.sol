// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberId} from "../types/MemberId.sol";
import {Capability} from "./Capability.sol";

enum MemberKind {
    None,
    Association,
    SecuritiesFirm,
    Bank,
    Insurer,
    FuturesFirm,
    FundManager,
    Regulator,
    NodeOperator
}

enum MemberStatus {
    None,
    Applied,
    Active,
    Suspended,
    Exited
}

struct Member {
    MemberKind kind;
    MemberStatus status;
    uint64 appliedAt;
    uint64 statusAt;
    /// @dev Salted digests of the application's review and of the acceptance run on a test network; zero until recorded.
    bytes32 reviewDigest;
    bytes32 acceptanceDigest;
    string name;
    string endpoint;
}

/// @dev `until` is zero while the operator is in office. An address serves one member, ever.
struct Operator {
    MemberId member;
    uint64 since;
    uint64 until;
}

/// @title Who is in
/// @notice Members, their status, their peer endpoint and the accounts (operators) that act for them.
interface IMemberRegistry {
    event MemberApplied(MemberId indexed member, MemberKind indexed kind, address indexed operator, string name);
    event MemberReviewed(MemberId indexed member, bytes32 reviewDigest);
    event MemberAccepted(MemberId indexed member, bytes32 acceptanceDigest);
    event MemberAdmitted(MemberId indexed member);
    event MemberSuspended(MemberId indexed member, bytes32 reasonDigest);
    event MemberReinstated(MemberId indexed member);
    event MemberExited(MemberId indexed member);
    event EndpointChanged(MemberId indexed member, string endpoint);
    event OperatorNominated(MemberId indexed member, address indexed operator);
    event OperatorAppointed(MemberId indexed member, address indexed operator);
    event OperatorRetired(MemberId indexed member, address indexed operator);

    error MemberUnknown(MemberId member);
    error MemberNotActive(MemberId member, MemberStatus status);
    error MemberStatusConflict(MemberId member, MemberStatus status, MemberStatus needed);
    error MemberKindInvalid(MemberKind kind);
    /// @dev Review and acceptance run come before admission, in this order.
    error MemberNotReviewed(MemberId member);
    error MemberNotAccepted(MemberId member);
    error MemberDigestEmpty(MemberId member);
    error MemberNotEntitled(MemberId member, MemberKind kind, Capability capability);
    error MemberNameTaken(string name);
    /// @dev Names are 2 to 32 characters of a-z, 0-9 and "-".
    error MemberNameInvalid(string name);
    error EndpointInvalid(string endpoint);
    error OperatorUnknown(address account);
    error OperatorInUse(address account, MemberId member);
    error OperatorNotNominated(address account, MemberId member);
    error OperatorLast(MemberId member, address account);

    /// @notice Applies for membership; the caller becomes the first operator.
    function apply_(MemberKind kind, string calldata name, string calldata endpoint) external returns (MemberId member);

    /// @notice Records that the application was reviewed and found in order.
    function recordReview(MemberId member, bytes32 reviewDigest) external;

    /// @notice Records that the applicant passed the acceptance run.
    function recordAcceptance(MemberId member, bytes32 acceptanceDigest) external;

    /// @notice Admits a reviewed and accepted applicant that has a certified key.
    function admit(MemberId member) external;

    function suspend(MemberId member, bytes32 reasonDigest) external;

    function reinstate(MemberId member) external;

    function exit(MemberId member) external;

    function setEndpoint(string calldata endpoint) external;

    function nominateOperator(address account) external;

    function acceptNomination(MemberId member) external;

    function retireOperator(address account) external;

    /// @notice All that ever applied.
    function memberCount() external view returns (uint32);

    /// @notice Those that were admitted and have not left: active or suspended.
    function admittedCount() external view returns (uint32);

    function getMember(MemberId member) external view returns (Member memory);

    function getOperator(address account) external view returns (Operator memory);

    function memberByName(string calldata name) external view returns (MemberId);

    /// @notice The member for which `account` acts now; reverts with {OperatorUnknown} if none.
    function memberOf(address account) external view returns (MemberId);

    /// @notice Like {memberOf}, and reverts with {MemberNotActive} unless that member is active.
    function activeMemberOf(address account) external view returns (MemberId);

    function isActive(MemberId member) external view returns (bool);

    /// @notice Whether the member was admitted and has not left: active or suspended.
    function isAdmitted(MemberId member) external view returns (bool);

    /// @notice Whether the member is active and of a kind that may do this.
    function isEntitled(MemberId member, Capability capability) external view returns (bool);

    /// @notice Like {activeMemberOf}, and reverts with {MemberNotEntitled} unless its kind may do this.
    function entitledMemberOf(address account, Capability capability) external view returns (MemberId);

    /// @notice Whether `account` was in office for `member` at ledger time `moment`.
    function wasOperatorOf(MemberId member, address account, uint64 moment) external view returns (bool);

    /// @notice The keyless address under which a member's points are held.
    function vaultOf(MemberId member) external view returns (address);
}
