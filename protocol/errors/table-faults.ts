import { defineFaults } from "./descriptor.ts";

export const tableFaults = defineFaults({
  SUITE_UNKNOWN: {
    status: 422,
    title: { en: "No sealing suite has the number {suite}", zh: "不存在编号为 {suite} 的密封套件" },
    remedy: {
      en: "Suites 1 (AES-256-GCM) and 2 (SM4 with HMAC-SM3) are known. Update this relayer if the holder uses a newer one.",
      zh: "已知套件为 1（AES-256-GCM）和 2（SM4 + HMAC-SM3）。如数据方使用更新的套件，请升级本中继程序。",
    },
  },
  RECORDS_TOO_LARGE: {
    status: 422,
    title: {
      en: "The records of one subject take {bytes} bytes; at most {limit} fit into an entry",
      zh: "单个主体的记录占 {bytes} 字节，超出条目上限 {limit} 字节",
    },
    remedy: {
      en: "Shorten the notes of that subject's records or withdraw expired ones, then publish again.",
      zh: "请缩短该主体记录的备注或撤回已失效的记录，然后重新发布。",
    },
  },
  RECORDS_MALFORMED: {
    status: 422,
    title: { en: "Records are not of the schema: {reason}", zh: "记录不符合规定格式：{reason}" },
    remedy: {
      en: "If it is your own record, correct it. If another member sealed it, report the fault to the Association.",
      zh: "如为本机构记录，请更正；如由其他成员密封，请向协会报告。",
    },
  },
  TABLE_SUBJECTS_TOO_MANY: {
    status: 422,
    title: {
      en: "{count} subjects do not fit into one table (at most {limit})",
      zh: "{count} 个主体超出单表上限 {limit}",
    },
    remedy: { en: "Split the data into several datasets.", zh: "请将数据拆分为多个数据集。" },
  },
  TABLE_MISORDERED: {
    status: 422,
    title: { en: "The table's entry {index} is not in order of tags", zh: "密封表第 {index} 条未按标签排序" },
    remedy: {
      en: "The holder published a broken table. It is not used; the holder must publish a new revision.",
      zh: "数据方发布的密封表有误，已拒绝使用；须由数据方发布新版本。",
    },
  },
  TABLE_TAG_DUPLICATE: {
    status: 422,
    title: { en: "The table's entry {index} repeats the tag before it", zh: "密封表第 {index} 条与前一条标签重复" },
    remedy: {
      en: "The holder published a broken table. It is not used; the holder must publish a new revision.",
      zh: "数据方发布的密封表有误，已拒绝使用；须由数据方发布新版本。",
    },
  },
  TABLE_TRUNCATED: {
    status: 422,
    title: { en: "The table has {actual} of {expected} bytes", zh: "密封表仅有 {actual} 字节，应为 {expected} 字节" },
    remedy: {
      en: "The download is repeated by itself. If it persists, the holder serves an incomplete table.",
      zh: "系统会自动重新下载；如持续出现，说明数据方提供的密封表不完整。",
    },
  },
  TABLE_OVERSIZED: {
    status: 422,
    title: {
      en: "The table is longer than the {expected} bytes committed",
      zh: "密封表长度超出承诺的 {expected} 字节",
    },
    remedy: {
      en: "The holder serves another table than it committed to. It is not used.",
      zh: "数据方提供的密封表与链上承诺不符，已拒绝使用。",
    },
  },
  TABLE_ROOT_MISMATCH: {
    status: 422,
    title: { en: "The table does not have the root committed on chain", zh: "密封表的根与链上承诺不一致" },
    remedy: {
      en: "The holder serves another table than it committed to. It is not used; report the fault to the Association.",
      zh: "数据方提供的密封表与链上承诺不符，已拒绝使用；请向协会报告。",
    },
  },
  TABLE_SHAPE_REFUSED: {
    status: 422,
    title: {
      en: "A committed table of {entries} entries of {size} bytes is not of a known shape",
      zh: "承诺的密封表（{entries} 条，每条 {size} 字节）规格不符",
    },
    remedy: {
      en: "The holder must publish a table of a known count class and payload class.",
      zh: "数据方须按规定的条数等级与条目大小重新发布。",
    },
  },
  TABLE_DAMAGED: {
    status: 500,
    title: { en: "A stored table no longer verifies against its root", zh: "本地密封表已损坏，无法通过根校验" },
    remedy: {
      en: "The file was altered or the disk is failing. It is mirrored anew; check the disk.",
      zh: "文件被改动或磁盘异常，系统将重新镜像，请检查磁盘。",
    },
  },
  TABLE_NOT_FOUND: {
    status: 404,
    title: { en: "No such table is served here", zh: "本机构不提供该密封表" },
    remedy: {
      en: "Ask for a revision that this member committed on chain in the present or the last epoch.",
      zh: "请请求本成员在当前或上一周期已上链承诺的版本。",
    },
  },
  TABLE_RANGE_INVALID: {
    status: 416,
    title: {
      en: "The range asked for is not within the table's {bytes} bytes",
      zh: "请求的范围不在密封表的 {bytes} 字节之内",
    },
    remedy: {
      en: "Ask for one range, bytes=FROM- or bytes=FROM-TO.",
      zh: "请使用单一范围：bytes=起点- 或 bytes=起点-终点。",
    },
  },
  TABLE_CHANGED_WHILE_SEALING: {
    status: 409,
    title: { en: "The records changed while they were being sealed", zh: "密封过程中记录发生了变化" },
    remedy: {
      en: "Publish again when the import has ended; the heartbeat does so by itself.",
      zh: "请在导入结束后重新发布；系统也会自动重试。",
    },
  },
  MIRROR_MISSING: {
    status: 503,
    title: {
      en: "No verified table of dataset {dataset} in epoch {epoch} is here",
      zh: "本地没有数据集 {dataset} 第 {epoch} 周期的已验证密封表",
    },
    remedy: {
      en: "Wait until the mirror has caught up, or see in the mirror's list why the table was rejected.",
      zh: "请等待镜像完成，或在镜像列表中查看密封表被拒原因。",
    },
  },
  TABLE_UNREACHABLE: {
    status: 502,
    title: { en: "The holder did not deliver its table: {reason}", zh: "数据方未能提供密封表：{reason}" },
    remedy: {
      en: "It is tried again by itself. Check the holder's endpoint if it persists.",
      zh: "系统会自动重试；如持续失败，请检查数据方的接入地址。",
    },
  },
  SEALING_FAILED: {
    status: 500,
    title: { en: "The sealing worker stopped: {reason}", zh: "密封进程异常终止：{reason}" },
    remedy: {
      en: "Nothing was published. Publish again; report it if it persists.",
      zh: "未发布任何内容，请重试；如仍失败请报告。",
    },
  },
  EPOCH_KEY_CONFLICT: {
    status: 409,
    title: {
      en: "Epoch {epoch} is committed under another key than the one held here",
      zh: "第 {epoch} 周期链上承诺的密钥与本地密钥不一致",
    },
    remedy: {
      en: "Restore the key store's backup. Without that key nothing can be published or answered until the next epoch.",
      zh: "请恢复密钥库备份；缺少该密钥时，须等到下一周期才能发布和应答。",
    },
  },
  DATASET_NOT_REGISTERED: {
    status: 404,
    title: { en: "This member has no dataset {label} on chain", zh: "本成员在链上没有名为 {label} 的数据集" },
    remedy: { en: "Register the dataset first.", zh: "请先登记该数据集。" },
  },
  TABLE_HISTORY_MISSING: {
    status: 409,
    title: {
      en: "Revision {revision} of epoch {epoch} is on chain but its table is not here",
      zh: "第 {epoch} 周期第 {revision} 版已上链，但本地没有对应的密封表",
    },
    remedy: {
      en: "Restore database and table files from the backup, or publish again in the next epoch: a revision made without them would show which rows are dummies.",
      zh: "请从备份恢复数据库与密封表文件，或在下一周期重新发布；缺少它们时生成的新版本会暴露填充条目。",
    },
  },
});
