/** What a verification found: every check in order with its result, and the first that failed. */
import type { Hex } from "../encoding/bytes.ts";
import type { Language } from "../errors/fault.ts";
import type { PictureCheckName } from "../picture-evidence/checks.ts";
import { reasons, type Reason } from "./reasons.ts";

/** The checks in the order in which they are made, with what each one shows. */
export const checks = {
  FORMAT: { en: "The file is a package of this format", zh: "文件符合证据包格式" },
  CHAIN: { en: "It is of this chain and these contracts", zh: "证据属于本链及其合约" },
  SUBJECT: { en: "The subject is a valid canonical identity", zh: "查询主体标识有效且规范" },
  COVERAGE: { en: "Each dataset occurs once and each answer is in one anchor", zh: "各数据集仅出现一次且均已存证" },
  SESSION: { en: "The querier's session covers the dataset", zh: "查询方会话包含该数据集" },
  DATASET: { en: "The dataset belongs to the named holder", zh: "数据集属于所列数据方" },
  COMMITMENT: { en: "Root, key and suite are those committed on chain", zh: "数据根、公钥与算法套件和链上承诺一致" },
  REQUEST: { en: "The request is well-formed and is this query's", zh: "请求格式正确且属于本次查询" },
  CONSENT: { en: "The request commits to this subject's authorisation", zh: "请求已承诺该主体的授权" },
  BLIND: { en: "The request's element is this subject, blinded", zh: "请求元素确为该主体的盲化结果" },
  TRANSCRIPT: { en: "The lane's transcript includes this request", zh: "通道流水包含本次请求" },
  VOUCHER: { en: "The session's signer signed the voucher within the allotment", zh: "凭证由会话签署人签署且未超额度" },
  RESPONSE: { en: "The response is well-formed and answers this request", zh: "应答格式正确且对应本次请求" },
  RECEIPT: { en: "The holder signed the receipt for this response", zh: "回执由数据方就该应答签署" },
  PROOF: { en: "The response was computed with the committed key", zh: "应答由已承诺的密钥计算" },
  TAG: { en: "The leaf decides on this subject's tag", zh: "叶节点可判定该主体的标签" },
  OUTCOME: { en: "The leaf shows the stated outcome, hit or miss", zh: "叶节点与所述结果（命中或未命中）一致" },
  PATH: { en: "The leaf is under the committed root", zh: "叶节点位于已承诺的数据根之下" },
  ENTRY: { en: "The leaf holds the entry of the hit", zh: "叶节点对应命中的密文条目" },
  OPENING: { en: "The entry opens with the subject's evaluation", zh: "条目可由该主体的计算结果开启" },
  RECORDS: { en: "The records are those in the entry", zh: "记录与条目内容一致" },
  ANCHOR_LEAF: { en: "The anchored leaf is of these requests and responses", zh: "存证叶节点由这些请求与应答构成" },
  ANCHOR: { en: "The leaf was anchored on chain as stated", zh: "叶节点已如所述上链存证" },
  TABLE_TIME: { en: "The table was committed before the leaf was anchored", zh: "数据表的承诺早于叶节点存证" },
  ASKED_TIME: {
    en: "requestedAt lies between the session's opening and the anchor",
    zh: "所称查询时间介于会话开立与存证之间",
  },
  SEAL: { en: "An operator of the querier sealed the whole package", zh: "证据包由查询方操作员整体签封" },
} as const;

export type CheckName = keyof typeof checks | PictureCheckName;

/** `skipped`: what it needs comes from a check that failed. `unread`: the chain could not be read. */
export type CheckStatus = "ok" | "failed" | "skipped" | "unread";

export interface Check {
  readonly name: CheckName;
  readonly status: CheckStatus;
  /** Which dataset's answer, or which node's service, where the check is about one. */
  readonly dataset?: Hex;
  readonly reason?: Reason;
}

export interface AnswerTimes {
  readonly dataset: Hex;
  readonly epoch: number;
  readonly revision: number;
  /** Block times, Unix seconds. */
  readonly committedAt: number;
  readonly anchoredAt: number;
  /** The newest table that had been committed in an earlier block than the anchor's, if that is not the answer's. */
  readonly newer?: { readonly epoch: number; readonly revision: number; readonly committedAt: number };
}

export interface EvidenceTimes {
  /** In the order of the package's answers. */
  readonly answers: readonly AnswerTimes[];
  /**
   * Between these two it was asked: the opening of the first session (ledger time, which never runs ahead of block time)
   * and the block time of the first anchor. `requestedAt` is the querier's own word.
   */
  readonly asked?: { readonly sessionOpenedAt: number; readonly anchoredAt: number };
}

/** `undetermined`: nothing was found wrong, and not everything could be read. */
export interface VerificationReport<T = EvidenceTimes> {
  readonly verdict: "verified" | "refuted" | "undetermined";
  readonly checks: readonly Check[];
  /** The first check that failed. */
  readonly firstFailure?: Check;
  /** When things happened, as the chain says; for what could be read. */
  readonly times: T;
}

export function reportOf(made: readonly Check[]): VerificationReport;
export function reportOf<T>(made: readonly Check[], times: T): VerificationReport<T>;
export function reportOf(made: readonly Check[], times: unknown = { answers: [] }): VerificationReport<unknown> {
  const firstFailure = made.find((check) => check.status === "failed");
  if (firstFailure) return { verdict: "refuted", checks: made, firstFailure, times };
  return { verdict: made.every((check) => check.status === "ok") ? "verified" : "undetermined", checks: made, times };
}

/** Why the check is not ok, for a reader; empty if it is. */
export function explain(check: Check, language: Language): string {
  return check.reason === undefined ? "" : reasons[check.reason][language];
}
