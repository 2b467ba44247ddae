// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatasetId} from "../types/DatasetId.sol";
import {MemberId} from "../types/MemberId.sol";

/// @title What earns points and what costs them
interface IIncentiveRules {
    event OpeningGrantPaid(MemberId indexed member, uint256 amount);
    event PublicationRewarded(MemberId indexed holder, DatasetId indexed dataset, uint32 indexed epoch, uint256 amount);
    event PriceChanged(DatasetId indexed dataset, uint96 price);
    event RatesChanged(uint96 defaultPrice, uint16 poolShareBasisPoints, uint96 openingGrant, uint96 publicationReward);

    error RateOutOfRange(uint256 value, uint256 maximum);

    /// @notice Price of one evaluation against `dataset`, in points (18 decimals).
    function priceOf(DatasetId dataset) external view returns (uint96);

    /// @notice Divides a settled amount between the holder that answered and the shared pool; the parts add up to the amount.
    function split(uint256 amount) external view returns (uint256 toHolder, uint256 toPool);

    /// @notice The keyless address of the pool shared by quality.
    function pool() external view returns (address);

    function setPrice(DatasetId dataset, uint96 price) external;

    function setRates(
        uint96 defaultPrice,
        uint16 poolShareBasisPoints,
        uint96 openingGrant,
        uint96 publicationReward
    ) external;

    /// @notice Called by the member registry on first admission.
    function onAdmitted(MemberId member) external;

    /// @notice Called by the dataset registry; the first revision of a dataset in an epoch earns the reward, later ones nothing.
    function onPublished(MemberId holder, DatasetId dataset, uint32 epoch, uint32 revision, uint32 entryCount) external;
}
