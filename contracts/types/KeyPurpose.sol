// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What a shared key is for. A key serves one purpose: used for two, a node would be an oracle for the other.
enum KeyPurpose {
    /// Oblivious evaluation of subjects: under which tags they are contributed, and what masks their rows.
    Evaluation,
    /// Y: answers to queries are decrypted under it.
    Query,
    /// Z: the layer on contributions that comes off once they are merged.
    Layer,
    /// Where rows stand in the published table. Made and shared anew together with {Layer}: the same nodes use both at once.
    Locator
}
