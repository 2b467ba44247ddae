// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Identifier of a query session: keccak256(abi.encode(chain id, ledger, instance salt, querier, nonce)).
type SessionId is bytes32;
