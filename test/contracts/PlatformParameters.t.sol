// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authority} from "../../contracts/governance/Authority.sol";
import {Emergency} from "../../contracts/governance/Emergency.sol";
import {PlatformParameters} from "../../contracts/governance/PlatformParameters.sol";
import {PlatformProxy} from "../../contracts/governance/PlatformProxy.sol";
import {EVERYTHING} from "../../contracts/types/Scope.sol";
import {vm} from "../fixtures/Vm.sol";

/// @dev The epoch calendar under any sequence of waits and changes of length.
contract PlatformParametersFuzzTest {
    struct Step {
        uint32 wait;
        uint32 length;
        bool change;
    }

    struct Bounds {
        uint64 start;
        uint64 end;
    }

    uint256 private constant _STEPS_MAXIMUM = 40;

    Emergency private _emergency;
    PlatformParameters private _parameters;
    /// @dev Bounds of epochs that had begun when they were read.
    mapping(uint32 epoch => Bounds) private _seen;

    function setUp() external {
        vm.warp(1_790_000_000);
        Authority authority = new Authority(address(this));
        _emergency = new Emergency(address(authority));
        address implementation = address(new PlatformParameters(address(authority), _emergency));
        bytes memory initialization = abi.encodeCall(PlatformParameters.initialize, ());
        _parameters = PlatformParameters(address(new PlatformProxy(implementation, initialization)));
    }

    function testFuzz_calendarIsMonotoneAndNeverRewritesWhatHasBegun(Step[] calldata steps) external {
        uint256 count = steps.length < _STEPS_MAXIMUM ? steps.length : _STEPS_MAXIMUM;
        uint32 previous = _check(0);
        for (uint256 i = 0; i < count; ++i) {
            vm.warp(block.timestamp + (steps[i].wait % 100 days));
            if (steps[i].change) _parameters.setEpochLength(60 + (steps[i].length % (366 days - 59)));
            previous = _check(previous);
        }
        // Epochs lie end to end, from the first to those still ahead.
        uint32 from = previous > 50 ? previous - 50 : 1;
        for (uint32 epoch = from; epoch <= previous + 5; ++epoch) {
            (uint64 start, uint64 end) = _parameters.epochBounds(epoch);
            (uint64 next, ) = _parameters.epochBounds(epoch + 1);
            assert(start < end && end == next);
            Bounds memory seen = _seen[epoch];
            assert(seen.end == 0 || (seen.start == start && seen.end == end));
        }
    }

    function testFuzz_ledgerTimeNeverRunsFasterThanBlockTimeNorBack(uint32[12] calldata waits) external {
        uint64 before = _emergency.time();
        for (uint256 i = 0; i < waits.length; ++i) {
            bool stopped = _emergency.frozen();
            uint256 passed = waits[i];
            vm.warp(block.timestamp + passed);
            uint64 now_ = _emergency.time();
            assert(now_ - before == (stopped ? 0 : passed));
            if (stopped) _emergency.unfreeze();
            else if (waits[i] % 2 == 0) _emergency.freeze(EVERYTHING, 1 days, "drill");
            assert(_emergency.time() == now_);
            before = now_;
        }
    }

    /// @dev The running epoch is not below `previous`, and holds the present moment.
    function _check(uint32 previous) private returns (uint32 current) {
        current = _parameters.currentEpoch();
        assert(current >= previous);
        uint64 moment = _emergency.time();
        (uint64 start, uint64 end) = _parameters.epochBounds(current);
        assert(start <= moment && moment < end);
        assert(end - start == _parameters.epochLength());
        Bounds memory seen = _seen[current];
        assert(seen.end == 0 || (seen.start == start && seen.end == end));
        _seen[current] = Bounds({start: start, end: end});
    }
}
