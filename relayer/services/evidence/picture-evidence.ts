/** Puts the evidence package of one document's part in an overall picture together, once the nodes' leaves are anchored. */
import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import {
  buildPictureEvidence,
  type NodeExchangeFacts,
  type PictureFacts,
} from "../../../protocol/picture-evidence/build.ts";
import type { PictureEvidence } from "../../../protocol/picture-evidence/package.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { findPicture } from "../picture/picture-store.ts";
import { pieces } from "../query/secrets.ts";
import { openDocument, recordExport, type DocumentPlace, type EvidenceDependencies } from "./document.ts";
import { anchorsOf, exchangeFacts, firstAsked } from "./exchanges.ts";

/**
 * `caller` is the id of the token it is handed to.
 * @throws Fault QUERY_UNKNOWN, QUERY_DOCUMENT_UNKNOWN, EVIDENCE_NOT_ASKED, QUERY_NOT_ANSWERED, PICTURE_GIVEN_UP,
 * EVIDENCE_NOT_ANCHORED, AUTHORISATION_* once consent has ended, EVIDENCE_ENTRY_UNREADABLE
 */
export async function pictureEvidence(
  ctx: EvidenceDependencies,
  place: DocumentPlace,
  caller: string,
): Promise<PictureEvidence> {
  const { position, query, askedAt } = await openDocument(ctx, place, "aggregate");
  const picture = await pictureOf(ctx, query.id, position);
  const exchanges = await exchangesOf(ctx, query.id, position);
  const services = new Set(exchanges.map(({ request }): string => toHex(request.dataset)));
  const anchors = await anchorsOf(ctx, query.id, position, services);
  await recordExport(ctx, caller, `${query.id}:${String(position)}:picture`);
  const { addresses, chainId } = ctx.chain.deployment;
  return buildPictureEvidence(
    {
      chain: {
        chainId,
        queryLedger: addresses.queryLedger,
        memberRegistry: addresses.memberRegistry,
        algorithmNodes: addresses.algorithmNodes,
        keyRounds: addresses.keyRounds,
        consortiumTables: addresses.consortiumTables,
        instanceSalt: fromHex(await ctx.chain.contracts.queryLedger.instanceSalt(), 32),
      },
      query: {
        ...query,
        querier: (await ctx.chain.me()).id,
        requestedAt: (await firstAsked(ctx, query.id, "nodes")) ?? askedAt,
      },
      picture,
      exchanges,
      anchors,
    },
    new Date((await ctx.chain.ledgerTime()) * 1_000),
    ctx.operator.sign,
  );
}

async function pictureOf(ctx: EvidenceDependencies, query: string, position: number): Promise<PictureFacts> {
  const picture = await findPicture(ctx, query);
  if (picture?.state === "failed") throw new Fault("PICTURE_GIVEN_UP", { query });
  const result = picture?.result?.[position];
  if (picture?.state !== "done" || result === undefined) throw new Fault("QUERY_NOT_ANSWERED", { query });
  if (result.outcome === "unreadable") throw new Fault("EVIDENCE_ENTRY_UNREADABLE", { query });
  const { edition, material } = picture;
  const { location, decryption } = material;
  const looked = decryption?.rows[position];
  const { scalarBytes } = ristretto255Sha512;
  const blind = pieces(fromHex(material.blinds), scalarBytes)[position];
  const locatorBlind = pieces(fromHex(location?.blinds ?? "0x"), scalarBytes)[position];
  const blinds = pieces(fromHex(decryption?.blinds ?? "0x"), standardSchema.slotCount * scalarBytes)[position];
  if (edition === undefined || decryption === undefined || !looked) throw new Fault("INTERNAL");
  if (!blind || !locatorBlind || !blinds) throw new Fault("INTERNAL");
  const { row, leaf, path } = looked;
  return {
    edition,
    root: fromHex(decryption.root, 32),
    blind,
    locatorBlind,
    blinds: pieces(blinds, scalarBytes),
    leaf: { tag: asTag(fromHex(leaf.tag)), next: asTag(fromHex(leaf.next)), entryHash: fromHex(leaf.entryHash, 32) },
    path: path.map((node) => fromHex(node, 32)),
    ...(result.outcome === "found" && row !== null && { found: { row: fromHex(row), sums: result.sums } }),
  };
}

/** All that were answered, the liars' too: a leaf is of everything that came back together. */
async function exchangesOf(ctx: EvidenceDependencies, query: string, position: number): Promise<NodeExchangeFacts[]> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .selectAll()
    .where("query_id", "=", query)
    .where("state", "=", "answered")
    .orderBy("service")
    .orderBy("dataset")
    .execute();
  return rows.flatMap((row) => {
    if (row.service === null) return [];
    const { secrets: _, ...exchange } = exchangeFacts(ctx, row, position);
    // What is noted on an answer is why it was left out.
    return [{ ...exchange, service: row.service, proved: row.reason === null }];
  });
}
