// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";
import {DATA} from "../types/Scope.sol";
import {IAlgorithmNodes} from "./IAlgorithmNodes.sol";
import {IKeyRounds, Round, RoundPhase} from "./IKeyRounds.sol";

/// @title How the nodes make, share anew and renew their keys
/// @notice Receivers (`nodes`) join, complain, dispute, expose and confirm; dealers deal, answer and extract. A phase whose time is
/// over still takes messages until somebody has called {advance}: the order of the chain, not a clock, says what was in time, so
/// all readers judge alike.
///
/// Beware: keys exist because enough nodes confirmed the same bytes. The contract does not compute them; who uses them checks
/// them against the dealings on the chain.
contract KeyRounds is IKeyRounds, Governed {
    /// @dev What a member is in a round. Bit i of `posted` stands for the phase of value i.
    struct Participant {
        bool receives;
        bool deals;
        uint16 posted;
    }

    /// @dev Of the phase that runs: messages so far, and whether one of them had content. `unextracted`: a dealer let the extraction
    /// pass without a word.
    struct Progress {
        uint8 spoken;
        bool raised;
        bool unextracted;
    }

    uint256 private constant _PURPOSES = uint256(type(KeyPurpose).max) + 1;
    uint8 private constant _LAYER = uint8(1 << uint8(KeyPurpose.Layer));
    uint8 private constant _LOCATOR = uint8(1 << uint8(KeyPurpose.Locator));
    uint256 private constant _MESSAGE_MAXIMUM = 24 * 1024;
    /// @dev Bounds every loop below; dealers are the nodes of an earlier round.
    uint256 private constant _NODES_MAXIMUM = 32;
    uint8 private constant _THRESHOLD_MINIMUM = 2;
    uint32 private constant _PHASE_MINIMUM = 10;
    uint32 private constant _PHASE_MAXIMUM = 30 days;

    IMemberRegistry private immutable _MEMBERS;
    IAlgorithmNodes private immutable _NODES;

    /// @dev Rounds count from 1.
    uint32 private _roundCount;
    mapping(uint32 round => Round) private _rounds;
    mapping(uint32 round => Progress) private _progress;
    mapping(uint32 round => mapping(MemberId member => Participant)) private _participants;
    mapping(uint32 round => mapping(bytes32 keySetsHash => uint256 count)) private _confirmations;
    mapping(uint32 round => bytes) private _keySets;
    mapping(KeyPurpose purpose => uint32 round) private _current;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members,
        IAlgorithmNodes nodes
    ) Governed(authority_, emergency_, DATA) {
        _MEMBERS = members;
        _NODES = nodes;
    }

    /// @notice Nothing to set up; consumes the one initialization of the proxy.
    function initialize() external initializer {}

    /// @inheritdoc IKeyRounds
    /// @dev `nodes` strictly ascending, 3 to 32, all active; 2 <= threshold <= (nodes + 1) / 2, so that an honest majority both makes
    /// a key and keeps it. A phase lasts 10 seconds to 30 days.
    function begin(
        uint8 purposes,
        uint8 threshold,
        MemberId[] calldata nodes,
        uint32 basis,
        uint32 phaseSeconds
    ) external restricted whenNotFrozen returns (uint32 round) {
        round = _roundCount;
        if (_isRunning(_rounds[round].phase)) revert RoundRunning(round);
        bool apart = (purposes & _LAYER == 0) != (purposes & _LOCATOR == 0);
        if (purposes == 0 || purposes >> _PURPOSES != 0 || apart) revert RoundPurposesInvalid(purposes);
        _requireNodes(nodes);
        if (threshold < _THRESHOLD_MINIMUM || nodes.length < 2 * uint256(threshold) - 1) {
            revert RoundThresholdInvalid(threshold, nodes.length);
        }
        if (basis != 0) _requireCurrent(basis, purposes);
        if (phaseSeconds < _PHASE_MINIMUM || phaseSeconds > _PHASE_MAXIMUM) {
            revert RoundPhaseSecondsInvalid(phaseSeconds, _PHASE_MINIMUM, _PHASE_MAXIMUM);
        }

        _roundCount = ++round;
        MemberId[] memory dealers = nodes;
        if (basis != 0) dealers = _rounds[basis].nodes;
        Round storage record = _rounds[round];
        record.threshold = threshold;
        record.purposes = purposes;
        record.basis = basis;
        record.phaseSeconds = phaseSeconds;
        record.nodes = nodes;
        record.dealers = dealers;
        for (uint256 i = 0; i < nodes.length; ++i) _participants[round][nodes[i]].receives = true;
        for (uint256 i = 0; i < dealers.length; ++i) _participants[round][dealers[i]].deals = true;
        emit RoundBegun(round, purposes, threshold, basis, nodes, dealers);
        _beginPhase(round, RoundPhase.Joining);
    }

    /// @inheritdoc IKeyRounds
    /// @dev A confirmation that comes when others have completed the round is put on record, and changes nothing.
    function post(uint32 round, RoundPhase phase, bytes calldata message) external whenNotFrozen {
        MemberId member = _MEMBERS.activeMemberOf(_msgSender());
        Round storage record = _known(round);
        bool late = phase == RoundPhase.Confirming && record.phase == RoundPhase.Completed;
        if (!late && (phase != record.phase || !_isRunning(phase))) revert RoundPhaseWrong(round, phase, record.phase);
        Participant storage speaker = _participants[round][member];
        if (!(_isForDealers(phase) ? speaker.deals : speaker.receives)) revert RoundNotParticipant(round, member);
        if (speaker.posted & _bit(phase) != 0) revert RoundMessageRepeated(round, phase, member);
        if (message.length > _MESSAGE_MAXIMUM) revert RoundMessageTooLong(message.length, _MESSAGE_MAXIMUM);
        if (message.length == 0 && !_mayBeEmpty(phase)) revert RoundMessageEmpty(round, phase);
        speaker.posted |= _bit(phase);
        emit RoundMessagePosted(round, phase, member, message);
        if (late) return;

        Progress storage progress = _progress[round];
        uint256 spoken = ++progress.spoken;
        if (message.length != 0) progress.raised = true;
        if (phase == RoundPhase.Confirming) {
            if (++_confirmations[round][keccak256(message)] == _quorum(record)) return _complete(round, message);
        }
        if (spoken == _speakers(record, phase)) _endPhase(round);
    }

    /// @inheritdoc IKeyRounds
    function advance(uint32 round) external whenNotFrozen {
        Round storage record = _known(round);
        RoundPhase phase = record.phase;
        if (!_isRunning(phase)) revert RoundOver(round, phase);
        if (_ledgerTime() < record.phaseEndsAt) revert RoundPhaseNotOver(round, phase, record.phaseEndsAt);
        _endPhase(round);
    }

    /// @inheritdoc IKeyRounds
    function callOff(uint32 round, bytes32 reason) external restricted whenNotFrozen {
        if (reason == 0) revert RoundReasonEmpty(round);
        Round storage record = _known(round);
        RoundPhase phase = record.phase;
        if (!_isRunning(phase)) revert RoundOver(round, phase);
        _end(record, RoundPhase.Failed);
        emit RoundCalledOff(round, phase, reason);
    }

    /// @inheritdoc IKeyRounds
    function roundCount() external view returns (uint32) {
        return _roundCount;
    }

    /// @inheritdoc IKeyRounds
    function getRound(uint32 round) external view returns (Round memory) {
        return _rounds[round];
    }

    /// @inheritdoc IKeyRounds
    function hasPosted(uint32 round, RoundPhase phase, MemberId member) external view returns (bool) {
        return _participants[round][member].posted & _bit(phase) != 0;
    }

    /// @inheritdoc IKeyRounds
    function keySetsOf(uint32 round) external view returns (bytes memory) {
        return _keySets[round];
    }

    /// @inheritdoc IKeyRounds
    function currentRound(KeyPurpose purpose) external view returns (uint32) {
        return _current[purpose];
    }

    function _beginPhase(uint32 round, RoundPhase phase) private {
        Round storage record = _rounds[round];
        uint64 endsAt = _ledgerTime() + record.phaseSeconds;
        record.phase = phase;
        record.phaseEndsAt = endsAt;
        emit RoundPhaseBegun(round, phase, endsAt);
    }

    function _endPhase(uint32 round) private {
        Round storage record = _rounds[round];
        Progress storage progress = _progress[round];
        RoundPhase phase = record.phase;
        if (progress.spoken < _needed(record, phase)) {
            _end(record, RoundPhase.Failed);
            emit RoundFailed(round, phase);
            return;
        }
        if (phase == RoundPhase.Extracting) progress.unextracted = progress.spoken != record.dealers.length;
        RoundPhase next = _after(phase, record.basis != 0, progress);
        progress.spoken = 0;
        progress.raised = false;
        _beginPhase(round, next);
    }

    function _complete(uint32 round, bytes calldata keySets) private {
        Round storage record = _rounds[round];
        _end(record, RoundPhase.Completed);
        _keySets[round] = keySets;
        for (uint256 i = 0; i < _PURPOSES; ++i) {
            if (record.purposes & (1 << i) != 0) _current[KeyPurpose(i)] = round;
        }
        emit RoundCompleted(round, keySets);
    }

    function _end(Round storage record, RoundPhase how) private {
        record.phase = how;
        record.phaseEndsAt = 0;
    }

    function _known(uint32 round) private view returns (Round storage record) {
        record = _rounds[round];
        if (record.phase == RoundPhase.None) revert RoundUnknown(round);
    }

    function _requireNodes(MemberId[] calldata nodes) private view {
        if (nodes.length > _NODES_MAXIMUM) revert RoundNodesInvalid();
        for (uint256 i = 0; i < nodes.length; ++i) {
            bool ascending = i == 0 || MemberId.unwrap(nodes[i - 1]) < MemberId.unwrap(nodes[i]);
            if (!ascending || !_NODES.isActiveNode(nodes[i])) revert RoundNodesInvalid();
        }
    }

    /// @dev The newest round of all of `purposes`: a key that was replaced is not shared anew beside its successor.
    function _requireCurrent(uint32 basis, uint8 purposes) private view {
        for (uint256 i = 0; i < _PURPOSES; ++i) {
            if (purposes & (1 << i) != 0 && _current[KeyPurpose(i)] != basis) revert RoundBasisInvalid(basis, purposes);
        }
    }

    /// @dev What follows a phase that ended well.
    function _after(RoundPhase phase, bool resharing, Progress storage progress) private view returns (RoundPhase) {
        if (phase == RoundPhase.Complaining && progress.raised) return RoundPhase.Answering;
        if (phase == RoundPhase.Complaining || phase == RoundPhase.Answering) {
            return resharing ? RoundPhase.Confirming : RoundPhase.Extracting;
        }
        if (phase == RoundPhase.Disputing && !progress.raised && !progress.unextracted) return RoundPhase.Confirming;
        return RoundPhase(uint8(phase) + 1);
    }

    /// @dev How many must have spoken for a phase to end well. Key sets are confirmed by a quorum before, or not at all.
    function _needed(Round storage record, RoundPhase phase) private view returns (uint256) {
        if (phase == RoundPhase.Joining) return record.threshold;
        if (phase == RoundPhase.Dealing) {
            return record.basis == 0 ? record.threshold : _rounds[record.basis].threshold;
        }
        return phase == RoundPhase.Confirming ? type(uint256).max : 0;
    }

    /// @dev A majority, so that no two key sets are both confirmed; never fewer than the threshold, which is at most
    /// (nodes + 1) / 2, so that the key can be used.
    function _quorum(Round storage record) private view returns (uint256) {
        return record.nodes.length / 2 + 1;
    }

    function _speakers(Round storage record, RoundPhase phase) private view returns (uint256) {
        return _isForDealers(phase) ? record.dealers.length : record.nodes.length;
    }

    function _isForDealers(RoundPhase phase) private pure returns (bool) {
        return phase == RoundPhase.Dealing || phase == RoundPhase.Answering || phase == RoundPhase.Extracting;
    }

    function _mayBeEmpty(RoundPhase phase) private pure returns (bool) {
        return
            phase == RoundPhase.Complaining ||
            phase == RoundPhase.Answering ||
            phase == RoundPhase.Disputing ||
            phase == RoundPhase.Exposing;
    }

    function _isRunning(RoundPhase phase) private pure returns (bool) {
        return phase >= RoundPhase.Joining && phase <= RoundPhase.Confirming;
    }

    function _bit(RoundPhase phase) private pure returns (uint16) {
        return uint16(1) << uint16(phase);
    }
}
