/** Token bucket for each caller, in this process's memory: a guard against accidents and scraping, not an account. */
import { isIPv6 } from "node:net";

import { Fault } from "../../protocol/errors/fault.ts";

export interface RateLimit {
  /** Requests a second in the long run. */
  readonly perSecond: number;
  /** Requests at once after a pause. */
  readonly burst: number;
}

export interface RateLimiter {
  /** @throws Fault RATE_LIMITED */
  admit(caller: string): void;
}

/** Callers remembered; beyond it those who have not called for longest are forgotten, and start with a full bucket. */
const MOST_CALLERS = 10_000;

export function createRateLimiter(
  { perSecond, burst }: RateLimit,
  clock: () => Date,
  mostCallers = MOST_CALLERS,
): RateLimiter {
  // In the order of their last call.
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    admit(caller) {
      const now = clock().getTime();
      const bucket = buckets.get(caller) ?? { left: burst, at: now };
      const left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
      const admitted = left >= 1;
      buckets.delete(caller);
      buckets.set(caller, { left: admitted ? left - 1 : left, at: now });
      if (buckets.size > mostCallers) buckets.delete(buckets.keys().next().value ?? "");
      if (!admitted) throw new Fault("RATE_LIMITED", { seconds: Math.max(1, Math.ceil((1 - left) / perSecond)) });
    },
  };
}

/** An IPv4 address, or the first 64 bits of an IPv6 one: whoever has one such address has the whole network. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.toLowerCase().split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  if (tail !== undefined) groups.push(...Array<string>(Math.max(0, 8 - groups.length - after)).fill("0"));
  if (tail !== undefined && tail !== "") groups.push(...tail.split(":"));
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
