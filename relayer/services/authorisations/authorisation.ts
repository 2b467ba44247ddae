/** What an investor signed, for what, until when, and how they were told. */
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";

/** customer authorisation agreement 客户授权协议, margin-trading agreement 融资融券协议, risk disclosure 风险揭示书, other. */
export const INSTRUMENTS = ["CUSTOMER_AUTHORISATION", "MARGIN_AGREEMENT", "RISK_DISCLOSURE", "OTHER"] as const;
export type Instrument = (typeof INSTRUMENTS)[number];

/** share: the firm may share the investor's records. query: the firm may ask about the investor. */
export const SCOPES = ["share", "query"] as const;
export type Scope = (typeof SCOPES)[number];

/** incremental 增量: became a customer under the platform's rules. existing 存量: was one before. */
export const COHORTS = ["incremental", "existing"] as const;
export type Cohort = (typeof COHORTS)[number];

/** How the written notice of purpose and scope reached the investor. */
export const NOTICE_MEANS = ["paper", "email", "app", "other"] as const;
export type NoticeMeans = (typeof NOTICE_MEANS)[number];

/** What deciding needs of an authorisation. Days are `YYYY-MM-DD`, in China. */
export interface AuthorisationTerms {
  readonly scope: readonly Scope[];
  readonly purposes: readonly Purpose[];
  readonly signedOn: string;
  /** Last day on which it holds; null while it is not limited. */
  readonly validUntil: string | null;
  readonly cohort: Cohort;
  readonly noticeDate: string | null;
  readonly withdrawn: boolean;
}
