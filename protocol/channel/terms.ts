import { Fault } from "../errors/fault.ts";

/** How long a session lasts. Either limit ends it; each side keeps to the stricter of both sides' terms. */
export interface Terms {
  /** 1 to 86,400. */
  readonly lifetimeSeconds: number;
  /** 1 to 2^32 - 1. */
  readonly maximumRequests: number;
}

export const DEFAULT_TERMS: Terms = { lifetimeSeconds: 3600, maximumRequests: 1_000_000 };

const LIFETIME_MAXIMUM = 86_400;
const REQUESTS_MAXIMUM = 0xffff_ffff;

/** @throws Fault CHANNEL_TERMS_REFUSED */
export function requireTerms(terms: Terms): void {
  const { lifetimeSeconds, maximumRequests } = terms;
  const within = (value: number, most: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= most;
  if (!within(lifetimeSeconds, LIFETIME_MAXIMUM) || !within(maximumRequests, REQUESTS_MAXIMUM)) {
    throw new Fault("CHANNEL_TERMS_REFUSED", { lifetimeSeconds, maximumRequests });
  }
}

export function stricter(a: Terms, b: Terms): Terms {
  return {
    lifetimeSeconds: Math.min(a.lifetimeSeconds, b.lifetimeSeconds),
    maximumRequests: Math.min(a.maximumRequests, b.maximumRequests),
  };
}
