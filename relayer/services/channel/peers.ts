import type { Peer } from "../../../protocol/channel/parties.ts";
import type { ChainView } from "../../chain/chain-view.ts";

/** An active member as the registry has it now. */
export type FindPeer = (member: number) => Promise<Peer | undefined>;

export function createFindPeer(chain: Pick<ChainView, "members" | "certificateDigests">): FindPeer {
  return async (member) => {
    const found = (await chain.members()).find(({ id }) => id === member);
    if (found?.status !== "Active") return undefined;
    return { member, certificateDigests: await chain.certificateDigests(member) };
  };
}
