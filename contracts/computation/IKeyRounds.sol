// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KeyPurpose} from "../types/KeyPurpose.sol";
import {MemberId} from "../types/MemberId.sol";

/// @dev Phases of a round, in this order. What is said in each is in docs/protocol.md; the contract does not read it.
enum RoundPhase {
    None,
    /// A fresh encryption key for this round.
    Joining,
    /// Commitments, and the shares sealed for their receivers.
    Dealing,
    /// Of shares that are missing or wrong. An empty message: no complaint.
    Complaining,
    /// The shares that were complained of. Left out where nobody complained.
    Answering,
    /// Feldman commitments; left out in a resharing, like the two that follow.
    Extracting,
    /// Shares that contradict an extraction, or stand for a missing one.
    Disputing,
    /// Shares of the dealers that were exposed. Left out where nobody disputed.
    Exposing,
    /// The public side of the keys, as each receiver computed it.
    Confirming,
    Completed,
    Failed
}

/// @dev `basis` is the round whose keys are shared anew, 0 where new keys are made; its nodes deal then, `nodes` receive.
/// Index i of the protocol is position i - 1 in `nodes` (receivers) or in the nodes of `basis` (dealers).
struct Round {
    RoundPhase phase;
    uint8 threshold;
    /// Bit i stands for the {KeyPurpose} of value i.
    uint8 purposes;
    uint32 basis;
    uint32 phaseSeconds;
    uint64 phaseEndsAt;
    MemberId[] nodes;
    MemberId[] dealers;
}

/// @title How the nodes make, share anew and renew their keys
/// @notice A bulletin board with deadlines: every participant posts one message a phase, in the order of the chain, and a phase is
/// over when all have posted or its time is. Who reads the board judges; the contract only counts equal confirmations.
interface IKeyRounds {
    event RoundBegun(
        uint32 indexed round,
        uint8 purposes,
        uint8 threshold,
        uint32 basis,
        MemberId[] nodes,
        MemberId[] dealers
    );
    event RoundPhaseBegun(uint32 indexed round, RoundPhase indexed phase, uint64 endsAt);
    event RoundMessagePosted(uint32 indexed round, RoundPhase indexed phase, MemberId indexed node, bytes message);
    event RoundCompleted(uint32 indexed round, bytes keySets);
    /// @dev Ended in `phase` without keys.
    event RoundFailed(uint32 indexed round, RoundPhase phase);
    /// @dev Ended in `phase` by the constitution; `reason` a code or a few words, in ASCII. What had not been said by then was not late.
    event RoundCalledOff(uint32 indexed round, RoundPhase phase, bytes32 reason);

    error RoundUnknown(uint32 round);
    error RoundRunning(uint32 round);
    /// @dev None, unknown ones, or one of {KeyPurpose-Layer} and {KeyPurpose-Locator} without the other.
    error RoundPurposesInvalid(uint8 purposes);
    error RoundNodesInvalid();
    error RoundThresholdInvalid(uint8 threshold, uint256 nodes);
    /// @dev `basis` has no keys of these purposes, or not the newest.
    error RoundBasisInvalid(uint32 basis, uint8 purposes);
    error RoundPhaseSecondsInvalid(uint32 phaseSeconds, uint32 minimum, uint32 maximum);
    error RoundPhaseWrong(uint32 round, RoundPhase given, RoundPhase current);
    error RoundNotParticipant(uint32 round, MemberId member);
    error RoundMessageRepeated(uint32 round, RoundPhase phase, MemberId member);
    error RoundMessageTooLong(uint256 length, uint256 maximum);
    /// @dev Only complaints, answers, disputes and exposed shares may be none.
    error RoundMessageEmpty(uint32 round, RoundPhase phase);
    error RoundReasonEmpty(uint32 round);
    /// @dev Completed or failed: there is no phase to end.
    error RoundOver(uint32 round, RoundPhase phase);
    error RoundPhaseNotOver(uint32 round, RoundPhase phase, uint64 endsAt);

    /// @notice Begins a round; one at a time. `basis` 0 makes new keys of `purposes`, otherwise those of that round, which must be
    /// the newest of all its purposes named, are shared anew among `nodes`. Restricted to the constitution.
    function begin(
        uint8 purposes,
        uint8 threshold,
        MemberId[] calldata nodes,
        uint32 basis,
        uint32 phaseSeconds
    ) external returns (uint32 round);

    /// @notice The caller's word in this phase. Repeating it reverts, so that at-least-once delivery has its effect once.
    function post(uint32 round, RoundPhase phase, bytes calldata message) external;

    /// @notice Ends a phase whose time is over; open to anyone.
    function advance(uint32 round) external;

    /// @notice Ends a round that runs; it has failed then, and another may begin. Keys in use stay. Restricted to the constitution.
    function callOff(uint32 round, bytes32 reason) external;

    function roundCount() external view returns (uint32);

    /// @notice All zero, phase `None`, for an unknown round.
    function getRound(uint32 round) external view returns (Round memory);

    /// @notice Whether `member` has posted in that phase.
    function hasPosted(uint32 round, RoundPhase phase, MemberId member) external view returns (bool);

    /// @notice The public side of the keys that a round made: one after another in order of purpose, each
    /// threshold (1) | nodes (1) | public key (32) | public shares (32 each). Empty unless it is completed.
    function keySetsOf(uint32 round) external view returns (bytes memory);

    /// @notice The newest completed round with a key of that purpose; 0 if none.
    function currentRound(KeyPurpose purpose) external view returns (uint32);
}
