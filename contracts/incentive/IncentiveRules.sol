// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "../governance/Governed.sol";
import {IEmergency} from "../governance/IEmergency.sol";
import {IMemberRegistry} from "../membership/IMemberRegistry.sol";
import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";
import {RULES} from "../types/Scope.sol";
import {IIncentiveRules} from "./IIncentiveRules.sol";
import {IPoints} from "./IPoints.sol";

/// @title What earns points and what costs them
/// @notice An opening grant on first admission, a reward for the first revision of a dataset in an epoch, a price per
/// evaluation. A settled amount is divided between the holder that answered and a pool: since the pool's share returns to
/// nobody that paid it, a loop of queries between colluding members costs more than it brings.
contract IncentiveRules is IIncentiveRules, Governed {
    struct Rates {
        uint96 defaultPrice;
        uint16 poolShareBasisPoints;
        uint96 openingGrant;
        uint96 publicationReward;
    }

    uint16 public constant BASIS_POINTS = 10_000;
    /// @notice Highest price of one evaluation: one million points.
    uint96 public constant MAXIMUM_PRICE = 1e6 ether;
    /// @notice Highest grant or reward: one thousand million points.
    uint96 public constant MAXIMUM_EARNING = 1e9 ether;

    IPoints private immutable _POINTS;
    IMemberRegistry private immutable _MEMBERS;

    Rates private _rates;
    /// @dev Zero where the default price holds.
    mapping(DatasetId dataset => uint96 price) private _prices;

    constructor(
        address authority_,
        IEmergency emergency_,
        IMemberRegistry members,
        IPoints points
    ) Governed(authority_, emergency_, RULES) {
        _MEMBERS = members;
        _POINTS = points;
    }

    /// @notice The rates that are in force from deployment until the constitution sets others.
    function initialize() external initializer {
        _setRates(1 ether, 2_000, 20_000 ether, 500 ether);
    }

    /// @inheritdoc IIncentiveRules
    /// @dev A price of zero restores the default price.
    function setPrice(DatasetId dataset, uint96 price) external restricted whenNotFrozen {
        _requireAtMost(price, MAXIMUM_PRICE);
        _prices[dataset] = price;
        emit PriceChanged(dataset, price);
    }

    /// @inheritdoc IIncentiveRules
    function setRates(
        uint96 defaultPrice,
        uint16 poolShareBasisPoints,
        uint96 openingGrant,
        uint96 publicationReward
    ) external restricted whenNotFrozen {
        _setRates(defaultPrice, poolShareBasisPoints, openingGrant, publicationReward);
    }

    /// @inheritdoc IIncentiveRules
    /// @dev The registry calls this once in a member's life; it keeps that promise, not this contract.
    function onAdmitted(MemberId member) external restricted whenNotFrozen {
        uint256 amount = _rates.openingGrant;
        if (amount == 0) return;
        _POINTS.mint(_MEMBERS.vaultOf(member), amount);
        emit OpeningGrantPaid(member, amount);
    }

    /// @inheritdoc IIncentiveRules
    function onPublished(
        MemberId holder,
        DatasetId dataset,
        uint32 epoch,
        uint32 revision,
        uint32 /* entryCount */
    ) external restricted whenNotFrozen {
        uint256 amount = _rates.publicationReward;
        if (revision != 1 || amount == 0) return;
        _POINTS.mint(_MEMBERS.vaultOf(holder), amount);
        emit PublicationRewarded(holder, dataset, epoch, amount);
    }

    /// @inheritdoc IIncentiveRules
    function priceOf(DatasetId dataset) external view returns (uint96) {
        uint96 price = _prices[dataset];
        return price == 0 ? _rates.defaultPrice : price;
    }

    /// @inheritdoc IIncentiveRules
    /// @dev Rounds in favour of the holder.
    function split(uint256 amount) external view returns (uint256 toHolder, uint256 toPool) {
        toPool = (amount * _rates.poolShareBasisPoints) / BASIS_POINTS;
        toHolder = amount - toPool;
    }

    /// @inheritdoc IIncentiveRules
    function pool() external view returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("riskveil/pool", address(this))))));
    }

    /// @notice The rates in force: prices, grants and rewards in points (18 decimals).
    function rates() external view returns (Rates memory) {
        return _rates;
    }

    function _setRates(
        uint96 defaultPrice,
        uint16 poolShareBasisPoints,
        uint96 openingGrant,
        uint96 publicationReward
    ) private {
        _requireAtMost(defaultPrice, MAXIMUM_PRICE);
        _requireAtMost(poolShareBasisPoints, BASIS_POINTS);
        _requireAtMost(openingGrant, MAXIMUM_EARNING);
        _requireAtMost(publicationReward, MAXIMUM_EARNING);
        _rates = Rates(defaultPrice, poolShareBasisPoints, openingGrant, publicationReward);
        emit RatesChanged(defaultPrice, poolShareBasisPoints, openingGrant, publicationReward);
    }

    function _requireAtMost(uint256 value, uint256 maximum) private pure {
        if (value > maximum) revert RateOutOfRange(value, maximum);
    }
}
