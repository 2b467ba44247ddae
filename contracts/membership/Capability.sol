// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MemberKind} from "./IMemberRegistry.sol";

/// @dev What a member may do on the platform while it is active.
enum Capability {
    /// Open sessions and ask.
    Query,
    /// Hold datasets, publish, answer.
    Publish,
    /// Take part in the joint computation.
    Compute,
    /// Sit on the members' council.
    Vote
}

/// @dev Everybody who is in reads the chain; a regulator does nothing else. The Association never asks.
function kindAllows(MemberKind kind, Capability capability) pure returns (bool) {
    if (kind == MemberKind.None || kind == MemberKind.Regulator) return false;
    if (kind == MemberKind.Association) return capability == Capability.Publish || capability == Capability.Compute;
    if (kind == MemberKind.NodeOperator) return capability == Capability.Compute;
    // Firms: securities, banks, insurers, futures, funds. One that also computes is registered as a node besides.
    return true;
}
