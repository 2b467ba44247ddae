import type { MemberInfo } from "../../chain/chain-view.ts";

/** Categories of records that a member publishes: A is the Association's, B and C are everybody else's. */
export function publishedCategories(member: Pick<MemberInfo, "kind">): readonly string[] {
  return member.kind === "Association" ? ["A"] : ["B", "C"];
}
