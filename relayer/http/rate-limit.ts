/** Token bucket for each caller, in this process's memory: a guard against accidents and scraping, not an account. */
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

export function createRateLimiter({ perSecond, burst }: RateLimit, clock: () => Date): RateLimiter {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    admit(caller) {
      const now = clock().getTime();
      const bucket = buckets.get(caller) ?? { left: burst, at: now };
      const left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
      if (left < 1) {
        buckets.set(caller, { left, at: now });
        throw new Fault("RATE_LIMITED", { seconds: Math.max(1, Math.ceil((1 - left) / perSecond)) });
      }
      buckets.set(caller, { left: left - 1, at: now });
    },
  };
}
