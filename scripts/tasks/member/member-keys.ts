import type { Platform } from "../platform.ts";

/** An SM2 key as the registry has it; times are Unix seconds of ledger time, zero for none. */
export interface MemberKey {
  readonly index: number;
  /** 32 bytes each, 0x and hex. */
  readonly x: string;
  readonly y: string;
  readonly certificateDigest: string;
  readonly presentedAt: number;
  readonly since: number;
  readonly until: number;
}

export async function readKeys({ contracts: { members } }: Platform, member: number): Promise<MemberKey[]> {
  const count = Number(await members.keyCount(member));
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const key = await members.getKey(member, index);
      return {
        index,
        x: word(key.x),
        y: word(key.y),
        certificateDigest: key.certificateDigest.toLowerCase(),
        presentedAt: Number(key.presentedAt),
        since: Number(key.since),
        until: Number(key.until),
      };
    }),
  );
}

export type KeyState = "presented" | "valid" | "ended";

export function keyState({ since, until }: MemberKey, ledgerTime: number): KeyState {
  if (until !== 0 && until <= ledgerTime) return "ended";
  return since === 0 ? "presented" : "valid";
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
