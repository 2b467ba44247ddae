/** What each holder received of a query: all of it, as its own peer log says. */
import type { Member } from "../network.ts";

export interface HolderSaw {
  readonly holder: string;
  readonly querier: string;
  readonly elements: number;
  readonly purpose: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** First bytes of the blinded elements, hex. */
  readonly preview: string;
}

export type SeenService = "lookup" | "evaluation" | "location" | "decryption";

interface PeerLog {
  readonly items: readonly (Omit<HolderSaw, "holder"> & {
    readonly receivedAt: string;
    readonly service: SeenService;
  })[];
}

/** The newest entry of each that is not older than the query. */
export async function holdersSaw(
  holders: readonly Member[],
  querier: string,
  since: Date,
  service: SeenService = "lookup",
): Promise<HolderSaw[]> {
  const seen = await Promise.all(
    holders.map(async ({ client, party }) => {
      const { items } = (await client.get("compliance", "/v1/peer-log?limit=20")) as PeerLog;
      const entry = items.find(
        (item) => item.service === service && item.querier === querier && new Date(item.receivedAt) >= since,
      );
      return entry === undefined ? [] : [{ ...entry, holder: party.name, preview: previewHex(entry.preview) }];
    }),
  );
  return seen.flat();
}

function previewHex(base64url: string): string {
  return Buffer.from(base64url, "base64url").toString("hex").slice(0, 32);
}
