/** Which of a subject's authorisations, if any, allows what is about to be done. Pure: the same for publishing and asking. */
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { AuthorisationTerms, Scope } from "./authorisation.ts";

export interface AuthorisationDemand {
  readonly scope: Scope;
  /** All of them must be covered. */
  readonly purposes: readonly Purpose[];
  /** The day on which it is done, `YYYY-MM-DD`. */
  readonly day: string;
  /** The governed switch: whether existing customers take part. */
  readonly existingCustomersIncluded: boolean;
}

export const AUTHORISATION_REFUSALS = [
  "AUTHORISATION_MISSING",
  "AUTHORISATION_SCOPE",
  "AUTHORISATION_WITHDRAWN",
  "AUTHORISATION_NOT_YET_SIGNED",
  "AUTHORISATION_EXPIRED",
  "AUTHORISATION_NOTICE_MISSING",
  "AUTHORISATION_PURPOSE",
  "AUTHORISATION_COHORT_EXCLUDED",
] as const;

/** In the order of the checks: of several authorisations that all fail, the one that got furthest says why. */
export type AuthorisationRefusal = (typeof AUTHORISATION_REFUSALS)[number];

export type AuthorisationDecision<T> =
  { readonly authorisation: T } | { readonly refusal: AuthorisationRefusal; readonly nearest: T | undefined };

/** The first of `candidates` that allows the demand; callers pass the newest first. */
export function decideAuthorisation<T extends AuthorisationTerms>(
  candidates: readonly T[],
  demand: AuthorisationDemand,
): AuthorisationDecision<T> {
  let refusal: AuthorisationRefusal = "AUTHORISATION_MISSING";
  let nearest: T | undefined;
  for (const candidate of candidates) {
    const failed = firstFailure(candidate, demand);
    if (failed === undefined) return { authorisation: candidate };
    if (AUTHORISATION_REFUSALS.indexOf(failed) > AUTHORISATION_REFUSALS.indexOf(refusal)) {
      refusal = failed;
      nearest = candidate;
    }
  }
  return { refusal, nearest };
}

function firstFailure(terms: AuthorisationTerms, demand: AuthorisationDemand): AuthorisationRefusal | undefined {
  if (!terms.scope.includes(demand.scope)) return "AUTHORISATION_SCOPE";
  if (terms.withdrawn) return "AUTHORISATION_WITHDRAWN";
  if (terms.signedOn > demand.day) return "AUTHORISATION_NOT_YET_SIGNED";
  if (terms.validUntil !== null && terms.validUntil < demand.day) return "AUTHORISATION_EXPIRED";
  if (terms.noticeDate === null || terms.noticeDate > demand.day) return "AUTHORISATION_NOTICE_MISSING";
  if (!demand.purposes.every((purpose) => terms.purposes.includes(purpose))) return "AUTHORISATION_PURPOSE";
  if (terms.cohort === "existing" && !demand.existingCustomersIncluded) return "AUTHORISATION_COHORT_EXCLUDED";
  return undefined;
}
