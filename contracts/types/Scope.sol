// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What a freeze stops: a set of parts, one bit each. Every contract that stops belongs to one part.
type Scope is uint8;

/// @dev Who is in: applications, admissions, keys, endpoints.
Scope constant MEMBERSHIP = Scope.wrap(1);
/// @dev Registrations, publications, nil reports.
Scope constant DATA = Scope.wrap(2);
/// @dev Sessions, settlements, leaves.
Scope constant QUERIES = Scope.wrap(4);
/// @dev Rules, prices, parameters, and the points that follow from them.
Scope constant RULES = Scope.wrap(8);
Scope constant EVERYTHING = Scope.wrap(15);

using {includes, scopeJoin as |, scopeEquals as ==} for Scope global;

/// @dev Whether the two sets have a part in common.
function includes(Scope scope, Scope part) pure returns (bool) {
    return Scope.unwrap(scope) & Scope.unwrap(part) != 0;
}

function scopeJoin(Scope a, Scope b) pure returns (Scope) {
    return Scope.wrap(Scope.unwrap(a) | Scope.unwrap(b));
}

function scopeEquals(Scope a, Scope b) pure returns (bool) {
    return Scope.unwrap(a) == Scope.unwrap(b);
}
