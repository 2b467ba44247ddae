// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @title The address by which a contract of the platform is known for good
/// @notice Passes every call to the implementation that the {ContractDirectory} put behind it.
contract PlatformProxy is ERC1967Proxy {
    /// @param initialization the call that sets up the contract's storage, in the same transaction; never empty.
    constructor(address implementation, bytes memory initialization) ERC1967Proxy(implementation, initialization) {}
}
