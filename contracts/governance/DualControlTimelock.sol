// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Authority} from "./Authority.sol";
import {IMemberCouncil} from "./IMemberCouncil.sol";

/// @title What the Association decides: proposed by one person, executed by another
/// @notice OpenZeppelin's timelock with the people taken from the {Authority}: the Association's staff proposes, and executes
/// only what somebody else of the staff proposed. It stands twice on the platform:
///
/// - as the *constitution*, with the members' delay, within which any two members of the {MemberCouncil} cancel;
/// - as the *duty desk*, without delay, for what stops, restarts and records, and never for what admits, prices or appoints.
///
/// An operation that two thirds of the council approved may be executed by its proposer: the way back when all keys of the
/// staff but one are lost. A proposer may take back its own operation; nobody else of the staff can, so that one stolen key
/// cannot keep its own removal from happening. The duty desk takes back any operation, except what two thirds of the
/// council approved: two stolen keys cannot keep the third person and the members from removing them.
///
/// An operation is proposed once in its life. What was stopped or taken back comes again under another salt only, so that
/// every member may object to it anew.
///
/// WARNING: the inherited `grantRole`, `revokeRole` and `renounceRole` change nothing here: roles are read from the authority.
contract DualControlTimelock is TimelockController {
    Authority private immutable _AUTHORITY;
    IMemberCouncil private immutable _COUNCIL;
    /// @dev Who may change the delay: the constitution; for the constitution itself it is this contract.
    address private immutable _GOVERNOR;
    uint256 private immutable _DELAY_MINIMUM;
    uint256 private immutable _DELAY_MAXIMUM;

    uint256 private _delay;
    mapping(bytes32 id => address) private _proposers;

    /// @dev In what words it was proposed, for those who decide whether to stop it.
    event OperationProposed(bytes32 indexed id, address indexed proposer, string description);
    event OperationExecuted(bytes32 indexed id, address indexed executor, bool approvedByCouncil);

    /// @dev The proposer cannot execute its own operation, unless the members' council approved it.
    error TimelockSamePerson(bytes32 id, address person);
    /// @dev One of the staff takes back its own operation only; the duty desk (two of them) and the council take back any.
    error TimelockNotProposer(bytes32 id, address account);
    /// @dev The members' council approved it: only who proposed it may still take it back.
    error TimelockApprovedByCouncil(bytes32 id);
    /// @dev It was proposed before, by `proposer`. Choose another salt.
    error TimelockProposedBefore(bytes32 id, address proposer);
    error TimelockDelayOutOfRange(uint256 given, uint256 minimum, uint256 maximum);

    /// @param governor who may change the delay; zero for this contract itself.
    constructor(
        Authority authority,
        IMemberCouncil council,
        address governor,
        uint256 delay,
        uint256 delayMinimum,
        uint256 delayMaximum
    ) TimelockController(delay, new address[](0), new address[](0), address(0)) {
        _AUTHORITY = authority;
        _COUNCIL = council;
        _GOVERNOR = governor == address(0) ? address(this) : governor;
        _DELAY_MINIMUM = delayMinimum;
        _DELAY_MAXIMUM = delayMaximum;
        _requireInRange(delay);
        _delay = delay;
    }

    /// @notice Schedules a batch under the delay in force and says in words what it does.
    /// @param values as many zeros as there are targets: nothing here carries money.
    function propose(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 salt,
        string calldata description
    ) external returns (bytes32 id) {
        scheduleBatch(targets, values, payloads, bytes32(0), salt, getMinDelay());
        id = hashOperationBatch(targets, values, payloads, bytes32(0), salt);
        emit OperationProposed(id, _msgSender(), description);
    }

    /// @notice Changes the delay for what is proposed from now on.
    function updateDelay(uint256 newDelay) public override {
        if (_msgSender() != _GOVERNOR) revert TimelockUnauthorizedCaller(_msgSender());
        _requireInRange(newDelay);
        emit MinDelayChange(_delay, newDelay);
        _delay = newDelay;
    }

    /// @notice Who proposed the operation; zero if nobody did.
    function proposerOf(bytes32 id) external view returns (address) {
        return _proposers[id];
    }

    function schedule(
        address target,
        uint256 value,
        bytes calldata data,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) public override {
        super.schedule(target, value, data, predecessor, salt, delay);
        _recordProposer(hashOperation(target, value, data, predecessor, salt));
    }

    function scheduleBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt,
        uint256 delay
    ) public override {
        super.scheduleBatch(targets, values, payloads, predecessor, salt, delay);
        _recordProposer(hashOperationBatch(targets, values, payloads, predecessor, salt));
    }

    function execute(
        address target,
        uint256 value,
        bytes calldata payload,
        bytes32 predecessor,
        bytes32 salt
    ) public payable override {
        bytes32 id = hashOperation(target, value, payload, predecessor, salt);
        bool approved = _requireSecondPerson(id);
        super.execute(target, value, payload, predecessor, salt);
        emit OperationExecuted(id, _msgSender(), approved);
    }

    function executeBatch(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) public payable override {
        bytes32 id = hashOperationBatch(targets, values, payloads, predecessor, salt);
        bool approved = _requireSecondPerson(id);
        super.executeBatch(targets, values, payloads, predecessor, salt);
        emit OperationExecuted(id, _msgSender(), approved);
    }

    function cancel(bytes32 id) public override {
        address account = _msgSender();
        if (account != _proposers[id]) {
            if (_isStaff(account)) revert TimelockNotProposer(id, account);
            if (_COUNCIL.isApproved(id)) revert TimelockApprovedByCouncil(id);
        }
        super.cancel(id);
    }

    function getMinDelay() public view override returns (uint256) {
        return _delay;
    }

    /// @dev No role is ever held by what is stored here: people come from the authority, cancellers are named in the code.
    function hasRole(bytes32 role, address account) public view override returns (bool) {
        if (role == PROPOSER_ROLE || role == EXECUTOR_ROLE) return _isStaff(account);
        if (role != CANCELLER_ROLE) return false;
        return account == address(_COUNCIL) || _isStaff(account) || _holds(_AUTHORITY.DUTY_ROLE(), account);
    }

    function _recordProposer(bytes32 id) private {
        if (_proposers[id] != address(0)) revert TimelockProposedBefore(id, _proposers[id]);
        _proposers[id] = _msgSender();
    }

    function _requireSecondPerson(bytes32 id) private view returns (bool approved) {
        approved = _COUNCIL.isApproved(id);
        if (_msgSender() == _proposers[id] && !approved) revert TimelockSamePerson(id, _msgSender());
    }

    function _isStaff(address account) private view returns (bool) {
        return _holds(_AUTHORITY.STAFF_ROLE(), account);
    }

    function _holds(uint64 role, address account) private view returns (bool isMember) {
        (isMember, ) = _AUTHORITY.hasRole(role, account);
    }

    function _requireInRange(uint256 delay) private view {
        if (delay < _DELAY_MINIMUM || delay > _DELAY_MAXIMUM) {
            revert TimelockDelayOutOfRange(delay, _DELAY_MINIMUM, _DELAY_MAXIMUM);
        }
    }
}
