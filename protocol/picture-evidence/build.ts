/** Puts the evidence package of a picture together from what a querier has stored about one subject. */
import { concatBytes, toHex, type Hex } from "../encoding/bytes.ts";
import type { AggregateSums } from "../aggregate/schema.ts";
import type { QueryFacts } from "../evidence/build.ts";
import {
  anchorOf,
  exchangeOf,
  lower,
  placeOf,
  type AnchoredLeaf,
  type ExchangeFacts,
  type PlaceFacts,
} from "../evidence/build-exchange.ts";
import { sealDigest } from "../evidence/seal.ts";
import type { NodeService } from "../key-round/round.ts";
import type { SignDigest } from "../oblivious-lookup/typed-data.ts";
import {
  PICTURE_EVIDENCE_FORMAT,
  pictureEvidenceSchema,
  type EvidencedPicture,
  type PictureEvidence,
} from "./package.ts";

export interface PictureEvidenceFacts {
  readonly chain: {
    readonly chainId: number;
    readonly queryLedger: Hex;
    readonly memberRegistry: Hex;
    readonly algorithmNodes: Hex;
    readonly keyRounds: Hex;
    readonly consortiumTables: Hex;
    readonly instanceSalt: Uint8Array;
  };
  readonly query: QueryFacts;
  readonly picture: PictureFacts;
  readonly exchanges: readonly NodeExchangeFacts[];
  readonly anchors: readonly AnchoredLeaf[];
}

export interface PictureFacts extends PlaceFacts {
  readonly edition: number;
  readonly root: Uint8Array;
  readonly blind: Uint8Array;
  readonly locatorBlind: Uint8Array;
  /** By slot. */
  readonly blinds: readonly Uint8Array[];
  /** Absent where there is no row. */
  readonly found?: { readonly row: Uint8Array; readonly sums: AggregateSums };
}

/** Every answer of a node: each has its part in an anchored leaf. */
export interface NodeExchangeFacts extends ExchangeFacts {
  readonly service: NodeService;
  readonly proved: boolean;
}

/**
 * `sealedAt` is ledger time, at which the signer is an operator of the querier; `sign` gives 65 bytes over 32.
 * @throws ZodError if the facts do not make a package of the format.
 */
export function buildPictureEvidence(facts: PictureEvidenceFacts, sealedAt: Date, sign: SignDigest): PictureEvidence {
  const { chain, query } = facts;
  const body = {
    format: PICTURE_EVIDENCE_FORMAT,
    chain: {
      chainId: chain.chainId,
      queryLedger: lower(chain.queryLedger),
      memberRegistry: lower(chain.memberRegistry),
      instanceSalt: toHex(chain.instanceSalt),
      algorithmNodes: lower(chain.algorithmNodes),
      keyRounds: lower(chain.keyRounds),
      consortiumTables: lower(chain.consortiumTables),
    },
    query: { ...query, requestedAt: query.requestedAt.toISOString() },
    picture: pictureOf(facts.picture),
    exchanges: facts.exchanges.map(({ service, proved, ...exchange }) => ({
      ...exchangeOf(exchange),
      service,
      proved,
    })),
    anchors: facts.anchors.map(anchorOf),
    sealedAt: sealedAt.toISOString(),
  };
  return pictureEvidenceSchema.parse({ ...body, seal: toHex(sign(sealDigest(body))) });
}

function pictureOf(picture: PictureFacts): EvidencedPicture {
  const { edition, root, blind, locatorBlind, blinds, found } = picture;
  const fields = {
    ...{ edition, root: toHex(root), blind: toHex(blind), locatorBlind: toHex(locatorBlind) },
    blinds: toHex(concatBytes(...blinds)),
    ...placeOf(picture),
  };
  if (!found) return { ...fields, outcome: "not_found" };
  return {
    ...fields,
    outcome: "found",
    row: toHex(found.row),
    sums: { ...found.sums, counts: { ...found.sums.counts } },
  };
}
