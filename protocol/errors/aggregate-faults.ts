import { defineFaults } from "./descriptor.ts";

/** The overall picture: sums over firms that nobody sees one by one. Members are named by their ids, never a subject. */
export const aggregateFaults = defineFaults({
  AGGREGATE_LAYOUT_INVALID: {
    status: 422,
    title: {
      en: "The aggregate's layout is not possible: the sums of slot {slot} may not fit",
      zh: "汇总布局不可行：第 {slot} 槽的合计可能溢出",
    },
    remedy: {
      en: "Lower the caps or the number of contributors, or put fewer classes into a slot: every sum must stay below 2^23.",
      zh: "请降低上限或贡献方数量，或减少同槽类别；每个合计须小于 2^23。",
    },
  },
  AGGREGATE_CLASS_UNKNOWN: {
    status: 422,
    title: { en: "Class {class} is not in the aggregate's layout", zh: "汇总布局中没有类别 {class}" },
    remedy: {
      en: "Leave the class out, or wait for the epoch in which the layout has it.",
      zh: "请剔除该类别，或待包含该类别的布局生效后再贡献。",
    },
  },
  AGGREGATE_VALUE_INVALID: {
    status: 422,
    title: { en: "{field} is not a whole number from 0", zh: "{field} 不是非负整数" },
    remedy: {
      en: "Correct the record: counts are whole, amounts are whole fen.",
      zh: "请更正记录：笔数为整数，金额以分为单位取整。",
    },
  },
  AGGREGATE_SUM_UNDECODABLE: {
    status: 422,
    title: { en: "The sum in slot {slot} cannot be read", zh: "第 {slot} 槽的合计无法解出" },
    remedy: {
      en: "A contributor encrypted something else than a row. Tell the Association; each institution can open its row in a dispute.",
      zh: "某贡献方加密的内容不符合规定，请告知协会；发生争议时，各机构可打开本机构的该行。",
    },
  },
  AGGREGATE_SUM_IMPLAUSIBLE: {
    status: 422,
    title: {
      en: "The sum in slot {slot} is more than its contributors may add up to",
      zh: "第 {slot} 槽的合计超出其贡献方可达上限",
    },
    remedy: {
      en: "A contributor encrypted something else than a row. Tell the Association; each institution can open its row in a dispute.",
      zh: "某贡献方加密的内容不符合规定，请告知协会；发生争议时，各机构可打开本机构的该行。",
    },
  },
  AGGREGATE_CONTRIBUTORS_UNDECODABLE: {
    status: 422,
    title: { en: "The number of contributors cannot be read", zh: "无法解出贡献方数量" },
    remedy: {
      en: "The row is of another subject or epoch, or a contributor encrypted something else than a row. Report it.",
      zh: "该行属于其他主体或周期，或某贡献方加密的内容不符合规定，请上报。",
    },
  },
  AGGREGATE_ROW_MALFORMED: {
    status: 422,
    title: { en: "Row {index} of the table is malformed", zh: "表中第 {index} 行格式有误" },
    remedy: {
      en: "The table is not used. Its author sends it again as the protocol page describes it.",
      zh: "该表不予采用，须由其提供方按协议文档重新提交。",
    },
  },
  AGGREGATE_TABLE_MALFORMED: {
    status: 422,
    title: { en: "{bytes} bytes are not a table of the aggregate", zh: "{bytes} 字节不构成汇总数据表" },
    remedy: {
      en: "Transfer the table again. If it persists, its author sends something else than the protocol page describes.",
      zh: "请重新传输；如持续出现，说明提供方发送的内容不符合协议文档。",
    },
  },
  AGGREGATE_MESSAGE_MALFORMED: {
    status: 400,
    title: { en: "The audit message's {field} {reason}", zh: "审计消息的 {field} 有误：{reason}" },
    remedy: { en: "Send the message as the protocol page describes it.", zh: "请按协议文档的格式发送消息。" },
  },
  AGGREGATE_ROW_COUNT: {
    status: 422,
    title: { en: "A table of {count} rows is not of a permitted size", zh: "{count} 行不是允许的表长度" },
    remedy: {
      en: "Fill the table up with dummies to the next count class, so that its size does not tell the number of subjects.",
      zh: "请以填充行补足至下一档规模，使表长度不泄露主体数量。",
    },
  },
  AGGREGATE_EPOCH_WRONG: {
    status: 422,
    title: {
      en: "A table of epoch {epoch} came where epoch {expected} is open",
      zh: "收到周期 {epoch} 的表，当前周期为 {expected}",
    },
    remedy: { en: "Contribute in the epoch that is open.", zh: "请在当前开放的周期内贡献。" },
  },
  AGGREGATE_ROOT_WRONG: {
    status: 422,
    title: {
      en: "The rows of contributor {contributor} are not those that it committed",
      zh: "贡献方 {contributor} 的数据与其承诺不符",
    },
    remedy: {
      en: "The contribution is not used. Its author sends the rows whose root is on chain.",
      zh: "该贡献不予采用，须由提供方提交与链上根一致的数据。",
    },
  },
  AGGREGATE_PROOF_INVALID: {
    status: 422,
    title: {
      en: "Contributor {contributor} did not prove that its rows are its own",
      zh: "贡献方 {contributor} 未能证明各行由其本人加密",
    },
    remedy: {
      en: "The contribution is not used: rows copied from another firm would open that firm's values. Report it.",
      zh: "该贡献不予采用：复制他人数据会泄露他人数值，请上报。",
    },
  },
  AGGREGATE_CONTRIBUTORS_TOO_FEW: {
    status: 422,
    title: {
      en: "{contributors} contributors are fewer than {least}",
      zh: "仅有 {contributors} 个贡献方，少于 {least} 个",
    },
    remedy: {
      en: "Nothing is merged or published until enough firms have contributed.",
      zh: "贡献方达到规定数量之前，不合并也不发布。",
    },
  },
  AGGREGATE_CONTRIBUTORS_TOO_MANY: {
    status: 422,
    title: { en: "{contributors} contributors are more than {most}", zh: "{contributors} 个贡献方超出上限 {most} 个" },
    remedy: {
      en: "The layout's sums were sized for fewer. Agree on a layout for more contributors first.",
      zh: "现行布局按较少贡献方设计，请先议定支持更多贡献方的布局。",
    },
  },
  AGGREGATE_CONTRIBUTOR_DUPLICATE: {
    status: 422,
    title: { en: "Contributor {contributor} comes twice", zh: "贡献方 {contributor} 重复出现" },
    remedy: { en: "Merge each contributor's newest contribution only.", zh: "每个贡献方仅合并其最新一次贡献。" },
  },
  AGGREGATE_ROW_DROPPED: {
    status: 422,
    title: { en: "The merged table leaves out contributed rows", zh: "合并表遗漏了已贡献的行" },
    remedy: {
      en: "The table is not used. Report the aggregator with the two proofs: of the row contributed and of its absence.",
      zh: "该表不予采用；请连同“已贡献”与“未收录”两份证明上报汇总方。",
    },
  },
  AGGREGATE_ROW_DOUBLED: {
    status: 422,
    title: { en: "A contributor's row was added twice", zh: "某贡献方的行被重复累加" },
    remedy: { en: "Report the aggregator with the audit's evidence.", zh: "请连同审计证据上报汇总方。" },
  },
  AGGREGATE_ROW_ALTERED: {
    status: 422,
    title: { en: "A merged row is not the sum of the contributors' rows", zh: "合并行不等于各贡献方对应行之和" },
    remedy: { en: "Report the aggregator with the audit's evidence.", zh: "请连同审计证据上报汇总方。" },
  },
  AGGREGATE_EVIDENCE_INVALID: {
    status: 422,
    title: {
      en: "The evidence of a contributor does not show what it committed for this tag",
      zh: "贡献方提供的证据未能表明其对该标签的承诺内容",
    },
    remedy: {
      en: "The contributor sends the leaf and the path of its committed table, with the row if there is one.",
      zh: "请该贡献方提交其承诺表的叶子与路径；如有对应行，一并提交。",
    },
  },
  MERGE_PROOF_INVALID: {
    status: 422,
    title: {
      en: "The merged table is not proved to be the sum of the contributions",
      zh: "未能证明合并表为各贡献之和",
    },
    remedy: {
      en: "No node strips it: the aggregator is accused, and the edition ends if enough nodes say so. Tell the Association.",
      zh: "各节点不处理该表，并指控汇总方；指控节点达到门限时该期放弃。请告知协会。",
    },
  },
  STRIP_SHARES_WRONG: {
    status: 422,
    title: { en: "The strip shares of nodes {nodes} are missing or wrong", zh: "节点 {nodes} 的剥离份额缺失或有误" },
    remedy: {
      en: "Name another set of nodes for this table. Report nodes whose proof does not hold.",
      zh: "请为该表指定另一组节点；证明不成立的节点应予上报。",
    },
  },
});
