/** Ceremonies among honest and cheating parties, and keys made by a trusted dealer where a test needs only a key. */
import type { Residue, Scalar } from "../../../protocol/group/group.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import {
  accusers,
  complain,
  judge,
  justify,
  qualifiedShares,
  type DealingTranscript,
  type Sharing,
  type Verdict,
} from "../../../protocol/threshold/judge.ts";
import {
  assembleKey,
  assembleShare,
  complainOfExtractions,
  expose,
  exposedDealers,
  extract,
  type ExposedDealer,
  type ExtractionTranscript,
} from "../../../protocol/threshold/key-extraction.ts";
import { dealKey, keyGeneration } from "../../../protocol/threshold/key-generation.ts";
import type { KeyShare, PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { Posted } from "../../../protocol/threshold/message.ts";
import { allIndices, type ThresholdParameters } from "../../../protocol/threshold/parameters.ts";
import type { SharePair } from "../../../protocol/threshold/pedersen.ts";
import { dealShare, reshareKey, reshareShare, resharing } from "../../../protocol/threshold/resharing.ts";
import { interpolate, randomPolynomial, valueAt } from "../../../protocol/threshold/shamir.ts";
import { expect } from "chai";

import { decodeKeySet, encodeKeySet } from "../../../protocol/threshold/key-set.ts";
import { hex, random } from "../oprf/fixtures.ts";

type Bytes = Uint8Array;

/** Each may replace or withhold what an honest party would post; undefined withholds. */
export interface Cheats {
  dealing?(dealer: number, honest: Bytes): Bytes | undefined;
  share?(dealer: number, receiver: number, honest: Bytes): Bytes | undefined;
  complaints?(receiver: number, honest: Bytes[]): Bytes[];
  justification?(dealer: number, receiver: number, honest: Bytes): Bytes | undefined;
  extraction?(dealer: number, honest: Bytes): Bytes | undefined;
  extractionComplaints?(receiver: number, honest: Bytes[]): Bytes[];
  exposures?(receiver: number, honest: Bytes[]): Bytes[];
}

export interface DealtKey {
  readonly keys: PublicKeySet;
  /** Of node i at position i - 1. */
  readonly shares: readonly KeyShare[];
}

export interface GeneratedKey {
  readonly sharing: Sharing<SharePair>;
  readonly verdict: Verdict<SharePair>;
  readonly keys: PublicKeySet;
  /** By node; a node whose received shares do not do has none. */
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly exposed: readonly ExposedDealer[];
  readonly dealing: DealingTranscript;
  readonly extraction: ExtractionTranscript;
}

const post = (from: number, bytes: Bytes | undefined): Posted[] => (bytes ? [{ from, bytes }] : []);

interface Dealt<Share> {
  readonly index: number;
  readonly dealing: Bytes;
  readonly shares: readonly Share[];
}

/** Phase one of either ceremony. */
export function settle<Share>(sharing: Sharing<Share>, dealt: readonly Dealt<Share>[], cheats: Cheats) {
  const nodes = allIndices(sharing.parameters.nodes);
  const dealings = dealt.flatMap(({ index, dealing }) =>
    post(index, cheats.dealing ? cheats.dealing(index, dealing) : dealing),
  );
  const received = new Map(
    nodes.map((receiver) => [
      receiver,
      new Map(
        dealt.flatMap(({ index, shares }): [number, Bytes][] => {
          const honest = sharing.encodeShare(shares[receiver - 1]!);
          const sent = cheats.share ? cheats.share(index, receiver, honest) : honest;
          return sent ? [[index, sent]] : [];
        }),
      ),
    ]),
  );
  const complaints = nodes.flatMap((receiver) => {
    const honest = complain(sharing, dealings, receiver, received.get(receiver)!);
    return (cheats.complaints ? cheats.complaints(receiver, honest) : honest).flatMap((bytes) => post(receiver, bytes));
  });
  const justifications = dealt.flatMap(({ index, shares }) =>
    accusers(sharing, complaints, index).flatMap((receiver) => {
      const honest = justify(sharing, receiver, shares[receiver - 1]!);
      return post(index, cheats.justification ? cheats.justification(index, receiver, honest) : honest);
    }),
  );
  const dealing = { dealings, complaints, justifications };
  const verdict = judge(sharing, dealing);
  return { dealing, verdict, received };
}

export function generateKey(
  parameters: ThresholdParameters,
  cheats: Cheats = {},
  ceremony: Uint8Array = random(32),
): GeneratedKey {
  const sharing = keyGeneration(ceremony, parameters);
  const nodes = allIndices(parameters.nodes);
  const dealt = nodes.map((index) => ({ index, ...dealKey(sharing, random) }));
  const { dealing, verdict, received } = settle(sharing, dealt, cheats);
  const pairs = new Map(
    nodes.flatMap((receiver): [number, Map<number, SharePair>][] => {
      try {
        return [[receiver, qualifiedShares(sharing, verdict, receiver, received.get(receiver)!)]];
      } catch {
        return [];
      }
    }),
  );
  const extractions = dealt
    .filter(({ index }) => verdict.qualified.has(index))
    .flatMap(({ index, dealer }) => {
      const honest = extract(sharing, dealer);
      return post(index, cheats.extraction ? cheats.extraction(index, honest) : honest);
    });
  const complaints = [...pairs].flatMap(([receiver, shares]) => {
    const honest = complainOfExtractions(sharing, extractions, receiver, shares);
    const said = cheats.extractionComplaints ? cheats.extractionComplaints(receiver, honest) : honest;
    return said.flatMap((bytes) => post(receiver, bytes));
  });
  const standing = exposedDealers(sharing, verdict, { extractions, complaints });
  const exposures = [...pairs].flatMap(([receiver, shares]) => {
    const honest = standing.map(({ dealer }) => expose(sharing, dealer, shares.get(dealer)!));
    return (cheats.exposures ? cheats.exposures(receiver, honest) : honest).flatMap((bytes) => post(receiver, bytes));
  });
  const extraction = { extractions, complaints, exposures };
  const { keys, exposed } = assembleKey(sharing, verdict, extraction);
  const shares = new Map([...pairs].map(([receiver, each]) => [receiver, assembleShare(keys, receiver, each)]));
  return { sharing, verdict, keys, shares, exposed, dealing, extraction };
}

export function reshare(
  old: DealtKey,
  parameters: ThresholdParameters,
  dealers: readonly number[] = allIndices(old.keys.nodes),
  cheats: Cheats = {},
) {
  const sharing = resharing(random(32), old.keys, parameters);
  const dealt = dealers.map((index) => ({ index, ...dealShare(sharing, old.keys, old.shares[index - 1]!, random) }));
  const { verdict, received } = settle(sharing, dealt, cheats);
  const keys = reshareKey(sharing, old.keys, verdict);
  const shares = allIndices(parameters.nodes).map((receiver) =>
    reshareShare(keys, receiver, qualifiedShares(sharing, verdict, receiver, received.get(receiver)!)),
  );
  return { sharing, verdict, received, keys, shares };
}

/** A key whose shares one party made: for tests of what is done with keys. */
export function trustedKey(
  parameters: ThresholdParameters,
  secret: Scalar = ristretto255.randomScalar(random),
): DealtKey {
  const polynomial = randomPolynomial(parameters.threshold, random, secret);
  const shares = allIndices(parameters.nodes).map((index) => ({ index, secret: valueAt(polynomial, index) as Scalar }));
  const publicShares = shares.map((share) => ristretto255.multiplyBase(share.secret));
  return { keys: { ...parameters, publicKey: ristretto255.multiplyBase(secret), publicShares }, shares };
}

export function secretOf(shares: readonly KeyShare[]): Residue {
  return interpolate(
    shares.map(({ index }) => index),
    shares.map(({ secret }) => secret),
  );
}

/** Any t of the holders have the secret of the public key, and everybody the share that the key names. */
export function expectKey({ keys, shares }: GeneratedKey, holders: number): void {
  const held = [...shares.values()];
  expect(held.length).to.equal(holders);
  const secret = secretOf(held.slice(0, keys.threshold)) as Scalar;
  expect(hex(ristretto255.multiplyBase(secret))).to.equal(hex(keys.publicKey));
  expect(hex(secretOf(held.slice(-keys.threshold)))).to.equal(hex(secret));
  for (const share of held) {
    expect(hex(ristretto255.multiplyBase(share.secret))).to.equal(hex(keys.publicShares[share.index - 1]!));
  }
  expect(hex(encodeKeySet(decodeKeySet(encodeKeySet(keys))))).to.equal(hex(encodeKeySet(keys)));
}

/** With one bit flipped, in the last byte unless told. */
export const changed = (bytes: Uint8Array, position = -1): Uint8Array => {
  const copy = bytes.slice();
  const at = position < 0 ? copy.length + position : position;
  copy[at]! ^= 1;
  return copy;
};

/** Property cases: ten times as many in test:deep, as a case costs tens of milliseconds. */
export function runs(usual: number): number {
  return process.env["RISKVEIL_PROPERTY_RUNS"] === undefined ? usual : 10 * usual;
}
