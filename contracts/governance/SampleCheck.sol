// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChangeCheck} from "./IChangeCheck.sol";

/// @dev A question, by the calldata of a reading function, whose answer must be the same after the change.
struct Sample {
    address target;
    bytes question;
}

/// @title Samples beside what always must hold
/// @notice {PlatformCheck} sees what can be counted on chain. Sessions, lanes, keys and operators cannot: whoever proposes a
/// change deploys one of these with some of them, and anybody reads, while the change waits, whether they are well chosen. A few
/// of each kind are enough to show that storage was moved, since all of a kind lie in one place.
contract SampleCheck is IChangeCheck {
    IChangeCheck private immutable _ALWAYS;

    Sample[] private _samples;

    /// @dev There is nothing that could answer at `target`.
    error SampleTargetInvalid(address target);

    constructor(IChangeCheck always, Sample[] memory samples_) {
        _ALWAYS = always;
        for (uint256 i = 0; i < samples_.length; ++i) {
            if (samples_[i].target.code.length == 0) revert SampleTargetInvalid(samples_[i].target);
            _samples.push(samples_[i]);
        }
    }

    /// @inheritdoc IChangeCheck
    function observe() external view returns (bytes memory) {
        return abi.encode(_ALWAYS.observe(), _answers());
    }

    /// @inheritdoc IChangeCheck
    function verify(bytes calldata seen) external view returns (bytes32 finding) {
        (bytes memory always, bytes32 answers) = abi.decode(seen, (bytes, bytes32));
        finding = _ALWAYS.verify(always);
        if (finding == 0 && _answers() != answers) finding = "SAMPLES";
    }

    /// @notice What is asked before and after.
    function samples() external view returns (Sample[] memory) {
        return _samples;
    }

    /// @dev A question that is answered with an error must be answered with the same one afterwards.
    function _answers() private view returns (bytes32 digest) {
        for (uint256 i = 0; i < _samples.length; ++i) {
            (bool success, bytes memory answer) = _samples[i].target.staticcall(_samples[i].question);
            digest = keccak256(abi.encode(digest, success, answer));
        }
    }
}
