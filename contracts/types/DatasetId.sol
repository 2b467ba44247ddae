// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Identifier of a dataset: keccak256(abi.encode(chain id, registry, holder, label)).
type DatasetId is bytes32;
