/** The stages from which tests of the statistics board start. */
import { expect } from "chai";
import { AbiCoder, encodeBytes32String, keccak256, toBeHex, toBigInt } from "ethers";

import { words } from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { connection, DAY, digest } from "./platform.ts";
import { admittedMembers, type Members, type Party } from "./stages.ts";

const { networkHelpers } = connection;

export const KEY = words("public key of the ceremony");
export const KEY_DIGEST = digest("key");
export const RECORD = digest("record");
export const CLIENTS = encodeBytes32String("CLIENTS");
export const PERIOD = 202_610;

export const statistic = (changes = {}) => ({
  definitionDigest: digest("definition"),
  layoutDigest: digest("layout"),
  leastContributors: 3,
  retired: false,
  ...changes,
});

/** A key is set, and a statistic of at least three contributors is defined. */
export async function definedStatistic() {
  const platform = await loadFixture(admittedMembers);
  await platform.board.setKey(KEY_DIGEST, RECORD, KEY);
  await platform.board.defineStatistic(CLIENTS, statistic());
  return platform;
}

/** A collection of a day is open. */
export async function openedCollection() {
  const platform = await loadFixture(definedStatistic);
  const closesAt = (await networkHelpers.time.latest()) + DAY;
  await platform.board.openCollection(CLIENTS, PERIOD, closesAt);
  return { ...platform, closesAt };
}

export const contribute = async ({ board }: Members, party: Party, of = `value of ${party.id}`) =>
  board.connect(party.operator).contribute(CLIENTS, PERIOD, digest(of));

/** Alpha, beta and gamma have contributed; the collection is over. */
export async function closedCollection() {
  const platform = await loadFixture(openedCollection);
  for (const party of [platform.alpha, platform.beta, platform.gamma]) await contribute(platform, party);
  await networkHelpers.time.increaseTo(platform.closesAt);
  return platform;
}

/** Writes the count of contributors into the open collection, whose slot is found by what it holds. */
export async function pretendContributors({ board }: Members, count: bigint): Promise<void> {
  const { status, closesAt, contributors } = await board.getCollection(CLIENTS, PERIOD);
  const within = (key: string | number, type: string, slot: string | number): string =>
    keccak256(AbiCoder.defaultAbiCoder().encode([type, "uint256"], [key, slot]));
  const slot = within(PERIOD, "uint32", within(CLIENTS, "bytes32", 5));
  const packed = (held: bigint): bigint => status | (closesAt << 8n) | (held << 136n);
  const at = await board.getAddress();
  expect(toBigInt(await networkHelpers.getStorageAt(at, slot))).to.equal(packed(contributors));
  await networkHelpers.setStorageAt(at, slot, toBeHex(packed(count), 32));
}
