/**
 * Authorisations of a firm's subjects: nearly all in order, a few wrong in each way that must be refused, so that the
 * refusals can be seen at work.
 */
import { createHash } from "node:crypto";

import type { Prng } from "./prng.ts";

export interface SampleAuthorisation {
  readonly number: string;
  readonly subject: string;
  readonly instrument: "CUSTOMER_AUTHORISATION" | "MARGIN_AGREEMENT" | "RISK_DISCLOSURE";
  /** SM3 of the signed document, hex. */
  readonly documentSm3: string;
  readonly scope: readonly ("share" | "query")[];
  readonly purposes: readonly string[];
  readonly signedOn: string;
  readonly validUntil: string | null;
  readonly cohort: "incremental" | "existing";
  readonly noticeDate: string | null;
  readonly noticeMeans: "paper" | "email" | "app" | null;
}

export const ALL_PURPOSES = ["CREDIT_GRANTING", "ANTI_FRAUD", "MONITORING", "RISK_CONTROL"] as const;

/** How an authorisation can be wrong, by the code with which the platform refuses it. */
export const FLAWS = [
  "AUTHORISATION_MISSING",
  "AUTHORISATION_SCOPE",
  "AUTHORISATION_NOT_YET_SIGNED",
  "AUTHORISATION_EXPIRED",
  "AUTHORISATION_NOTICE_MISSING",
  "AUTHORISATION_PURPOSE",
  "AUTHORISATION_COHORT_EXCLUDED",
] as const;
export type Flaw = (typeof FLAWS)[number];

const FLAW_WEIGHTS: readonly (readonly [Flaw | undefined, number])[] = [
  [undefined, 930],
  ["AUTHORISATION_MISSING", 10],
  ["AUTHORISATION_SCOPE", 10],
  ["AUTHORISATION_NOT_YET_SIGNED", 3],
  ["AUTHORISATION_EXPIRED", 12],
  ["AUTHORISATION_NOTICE_MISSING", 5],
  ["AUTHORISATION_PURPOSE", 5],
  ["AUTHORISATION_COHORT_EXCLUDED", 25],
];

export function drawFlaw(prng: Prng): Flaw | undefined {
  return prng.weighted(FLAW_WEIGHTS);
}

/** An authorisation for `scope` with one flaw or none; undefined if the flaw is that there is none. */
export function authorisationOf(
  prng: Prng,
  subject: string,
  scope: "share" | "query",
  flaw: Flaw | undefined,
  number: string,
): SampleAuthorisation | undefined {
  if (flaw === "AUTHORISATION_MISSING") return undefined;
  const signedOn = flaw === "AUTHORISATION_NOT_YET_SIGNED" ? "2099-01-04" : signingDay(prng);
  const other = scope === "share" ? "query" : "share";
  return {
    number,
    subject,
    instrument: prng.pick(["CUSTOMER_AUTHORISATION", "MARGIN_AGREEMENT", "RISK_DISCLOSURE"]),
    documentSm3: createHash("sm3").update(`sample document ${number}`).digest("hex"),
    scope: flaw === "AUTHORISATION_SCOPE" ? [other] : prng.chance(0.5) ? [scope] : ["share", "query"],
    purposes: flaw === "AUTHORISATION_PURPOSE" ? ["MONITORING"] : ALL_PURPOSES,
    signedOn,
    validUntil:
      flaw === "AUTHORISATION_EXPIRED"
        ? "2024-12-31"
        : prng.chance(0.5)
          ? null
          : `${String(Number(signedOn.slice(0, 4)) + 30)}-12-31`,
    cohort: flaw === "AUTHORISATION_COHORT_EXCLUDED" ? "existing" : "incremental",
    noticeDate:
      flaw === "AUTHORISATION_NOTICE_MISSING"
        ? null
        : flaw === "AUTHORISATION_NOT_YET_SIGNED"
          ? "2024-01-02"
          : signedOn,
    noticeMeans: flaw === "AUTHORISATION_NOTICE_MISSING" ? null : prng.pick(["paper", "email", "app"]),
  };
}

function signingDay(prng: Prng): string {
  return new Date(Date.UTC(2022, 0, 1 + prng.below(1_000))).toISOString().slice(0, 10);
}
