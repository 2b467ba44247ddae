// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IIncentiveRules} from "./IIncentiveRules.sol";

/// @title A contract whose acts earn or cost points
/// @dev The rules are a governed reference: the registry of members and the rules need each other's address, and rules are
/// expected to be replaced while records are not. Replacement opens with the admin role only.
abstract contract Incentivised is Governed {
    IIncentiveRules private _rules;

    event IncentiveRulesChanged(IIncentiveRules indexed rules);

    /// @dev There is no contract at `rules`.
    error IncentiveRulesInvalid(address rules);

    /// @notice Replaces the rules for what happens from now on; nothing already earned, priced or paid changes.
    function setIncentiveRules(IIncentiveRules rules) external restricted whenNotFrozen {
        if (address(rules).code.length == 0) revert IncentiveRulesInvalid(address(rules));
        _rules = rules;
        emit IncentiveRulesChanged(rules);
    }

    /// @notice The rules in force.
    function incentiveRules() public view returns (IIncentiveRules) {
        return _rules;
    }
}
