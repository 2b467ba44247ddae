import { defineFaults } from "./descriptor.ts";

/** The oblivious lookup: requests, vouchers, receipts, sessions. */
export const lookupFaults = defineFaults({
  REQUEST_MALFORMED: {
    status: 400,
    title: { en: "The evaluate request's field {field} {reason}", zh: "查询计算请求的字段 {field} 有误：{reason}" },
    remedy: {
      en: "Send exactly the fields of the API description; byte strings in base64url without padding.",
      zh: "请严格按接口说明提供字段，字节串使用不带填充的 base64url 编码。",
    },
  },
  RESPONSE_MALFORMED: {
    status: 422,
    title: { en: "The holder's response field {field} {reason}", zh: "数据方应答的字段 {field} 有误：{reason}" },
    remedy: {
      en: "The holder's relayer is faulty or of another version. Nothing was opened. Report it to the holder.",
      zh: "数据方的中继程序有故障或版本不符，未开启任何数据，请联系该机构。",
    },
  },
  SIGNATURE_INVALID: {
    status: 422,
    title: { en: "The signature is not valid", zh: "签名无效" },
    remedy: {
      en: "A signature is r, s and v in 65 bytes with v = 27 or 28 and a low s, over the EIP-712 digest.",
      zh: "签名应为 65 字节的 r、s、v（v 为 27 或 28，s 取低值），签署对象为 EIP-712 摘要。",
    },
  },
  PURPOSE_UNKNOWN: {
    status: 400,
    title: { en: "The purpose is not one of {known}", zh: "查询目的不在允许范围内（{known}）" },
    remedy: {
      en: "Name the purpose that the investor's authorisation allows.",
      zh: "请填写客户授权协议所允许的查询目的。",
    },
  },
  SUBJECTS_EMPTY: {
    status: 400,
    title: { en: "The query names no subject", zh: "查询未指定任何主体" },
    remedy: { en: "Name at least one subject.", zh: "请至少指定一个查询主体。" },
  },
  SUBJECTS_TOO_MANY: {
    status: 400,
    title: {
      en: "The query names {count} subjects; at most {most} are allowed",
      zh: "查询包含 {count} 个主体，超过上限 {most}",
    },
    remedy: { en: "Split the list into several queries.", zh: "请拆分为多次查询。" },
  },
  SUBJECT_REPEATED: {
    status: 400,
    title: {
      en: "The subject at position {position} of the query occurs before it",
      zh: "查询中位置 {position} 的主体与之前的重复",
    },
    remedy: { en: "Name each subject once; positions count from 0.", zh: "每个主体只填写一次（位置从 0 起）。" },
  },
  ELEMENTS_EMPTY: {
    status: 400,
    title: { en: "The request carries no element", zh: "请求不含任何盲化元素" },
    remedy: { en: "Send at least one blinded element.", zh: "请至少提供一个盲化元素。" },
  },
  ELEMENTS_TOO_MANY: {
    status: 413,
    title: {
      en: "The request carries {count} elements; at most {most} are allowed",
      zh: "请求含 {count} 个盲化元素，超过上限 {most}",
    },
    remedy: {
      en: "Split the batch. Nothing was computed and nothing is charged.",
      zh: "请拆分批次。本次未计算，也未计费。",
    },
  },
  ELEMENTS_WIDTH: {
    status: 400,
    title: {
      en: "{elements} elements are no multiple of {width}, which make one unit here",
      zh: "{elements} 个元素不是 {width} 的整数倍（此处以 {width} 个元素为一个计费单位）",
    },
    remedy: {
      en: "Send the elements of every slot of each subject. Nothing was computed and nothing is charged.",
      zh: "请为每个查询对象发送全部槽位的元素。本次未计算，也未计费。",
    },
  },
  NODE_ROLE_MISSING: {
    status: 409,
    title: {
      en: "This relayer has no share of the {purpose} key of round {round}",
      zh: "本节点没有第 {round} 轮 {purpose} 密钥的份额",
    },
    remedy: {
      en: "Ask another node of the round, or use a newer edition of the overall picture.",
      zh: "请改向该轮的其他节点请求，或使用较新一期的整体视图。",
    },
  },
  LANE_OUT_OF_RANGE: {
    status: 400,
    title: { en: "Lane {lane} does not exist; lanes are 0 to 15", zh: "通道 {lane} 不存在，通道编号为 0 至 15" },
    remedy: { en: "Use one of the session's {lanes} lanes.", zh: "请使用会话的 {lanes} 个通道之一。" },
  },
  REQUEST_OUT_OF_ORDER: {
    status: 409,
    title: {
      en: "Count {count} with {elements} elements in lane {lane} skips requests: the last accepted count is {accepted}",
      zh: "通道 {lane} 的计数 {count}（含 {elements} 个元素）跳过了之前的请求，已受理计数为 {accepted}",
    },
    remedy: {
      en: "Send the requests of a lane one after the other, each only when the one before it was answered.",
      zh: "同一通道的请求须依次发送，前一请求得到应答后方可发送下一请求。",
    },
  },
  COUNT_MISMATCH: {
    status: 409,
    title: {
      en: "Count {count} in lane {lane} is not the accepted count {accepted} plus {elements} elements",
      zh: "通道 {lane} 的计数 {count} 不等于已受理计数 {accepted} 加上 {elements} 个元素",
    },
    remedy: {
      en: "Sign a voucher for exactly the elements sent. Nothing was computed and nothing is charged.",
      zh: "凭证计数须与所发送元素一致。本次未计算，也未计费。",
    },
  },
  TRANSCRIPT_MISMATCH: {
    status: 409,
    title: {
      en: "The transcript of count {count} in lane {lane} does not continue the accepted one",
      zh: "通道 {lane} 计数 {count} 的流水摘要与已受理的流水不衔接",
    },
    remedy: {
      en: "Compute the transcript from the lane's previous one and this request's digest.",
      zh: "请由该通道上一流水摘要与本次请求摘要计算新的流水摘要。",
    },
  },
  VOUCHER_REPLAYED: {
    status: 409,
    title: {
      en: "The voucher for count {count} in lane {lane} was already used: count {accepted} is accepted",
      zh: "通道 {lane} 计数 {count} 的凭证已被使用，已受理计数为 {accepted}",
    },
    remedy: {
      en: "Repeat only the last request, byte by byte, or continue from the accepted count with a new voucher.",
      zh: "只能逐字节重发最近一次请求，或以新凭证从已受理计数继续。",
    },
  },
  VOUCHER_FORKED: {
    status: 409,
    title: {
      en: "Two vouchers for count {count} in lane {lane}: transcripts {firstTranscript} and {secondTranscript}",
      zh: "通道 {lane} 计数 {count} 出现两张凭证，流水摘要分别为 {firstTranscript} 和 {secondTranscript}",
    },
    remedy: {
      en: "This is provable fault of the querier. The holder can prove it to the ledger; the session is then lost.",
      zh: "此为查询方可证明的违规，数据方可向账本举证，会话将因此失效。",
    },
  },
  VOUCHER_OF_ANOTHER_MEMBER: {
    status: 403,
    title: {
      en: "Session {session} belongs to another member than the one who sends the request",
      zh: "会话 {session} 不属于发出请求的成员",
    },
    remedy: {
      en: "Only the querier itself presents its vouchers, over a channel of its own.",
      zh: "凭证只能由查询方本身通过其自有信道提交。",
    },
  },
  VOUCHER_SIGNATURE_INVALID: {
    status: 403,
    title: {
      en: "The voucher for count {count} in lane {lane} is not signed by the session's signer",
      zh: "通道 {lane} 计数 {count} 的凭证并非由会话签署人签署",
    },
    remedy: {
      en: "Sign with the operator key that opened the session, for this chain and this ledger.",
      zh: "请使用开立会话的操作员密钥，并针对本链本账本签署。",
    },
  },
  ALLOTMENT_EXCEEDED: {
    status: 409,
    title: {
      en: "The session would use {wanted} evaluations of this dataset; {granted} are allotted",
      zh: "会话对该数据集的用量将达 {wanted} 次，超过额度 {granted} 次",
    },
    remedy: { en: "Open another session with a larger allotment.", zh: "请另开额度更大的会话。" },
  },
  SESSION_UNKNOWN: {
    status: 404,
    title: { en: "Session {session} is not on this chain's ledger", zh: "本链账本上没有会话 {session}" },
    remedy: {
      en: "Open the session on the chain that both relayers use and wait until it is mined.",
      zh: "请在双方共用的链上开立会话并等待上链。",
    },
  },
  SESSION_NOT_OPEN: {
    status: 409,
    title: { en: "Session {session} is not open: {status}", zh: "会话 {session} 未处于开启状态：{status}" },
    remedy: { en: "Open a new session.", zh: "请开立新会话。" },
  },
  SESSION_EXPIRED: {
    status: 409,
    title: {
      en: "Session {session} expired at ledger time {expiresAt}",
      zh: "会话 {session} 已于账本时间 {expiresAt} 到期",
    },
    remedy: { en: "Open a new session.", zh: "请开立新会话。" },
  },
  DATASET_NOT_IN_SESSION: {
    status: 403,
    title: { en: "The session has no allotment for dataset {dataset}", zh: "会话没有数据集 {dataset} 的额度" },
    remedy: { en: "Open a session that covers this dataset.", zh: "请开立包含该数据集的会话。" },
  },
  DATASET_NOT_HELD: {
    status: 404,
    title: { en: "Dataset {dataset} is not held here", zh: "本机构不持有数据集 {dataset}" },
    remedy: { en: "Ask the holder that the dataset registry names.", zh: "请向数据登记簿所载的持有机构查询。" },
  },
  EPOCH_STALE: {
    status: 409,
    title: {
      en: "Epoch {epoch} is not served any more; the running epoch is {current}",
      zh: "第 {epoch} 期不再提供服务，当前为第 {current} 期",
    },
    remedy: {
      en: "Mirror the latest commitment and ask again with a fresh blinding.",
      zh: "请同步最新的数据承诺，重新盲化后再查询。",
    },
  },
  MEMBER_SUSPENDED: {
    status: 403,
    title: { en: "Member {member} is not active", zh: "成员 {member} 未处于有效状态" },
    remedy: {
      en: "A suspended or exited member neither asks nor answers. Contact the Association.",
      zh: "被暂停或已退出的成员不得查询，也不得应答，请联系协会。",
    },
  },
  RECEIPT_INVALID: {
    status: 422,
    title: {
      en: "The receipt for count {count} in lane {lane} is not signed by an operator of the holder",
      zh: "通道 {lane} 计数 {count} 的回执并非由数据方操作员签署",
    },
    remedy: {
      en: "The answer is not used. Repeat the request; if it happens again report it to the holder.",
      zh: "该应答不予采用。请重发请求，若再次发生请联系数据方。",
    },
  },
  PROOF_REJECTED: {
    status: 422,
    title: {
      en: "The proof of dataset {dataset} does not match the key committed for epoch {epoch}",
      zh: "数据集 {dataset} 的证明与第 {epoch} 期已承诺的密钥不符",
    },
    remedy: {
      en: "The answer is not used. With the holder's receipt it is evidence of fault; report it to the Association.",
      zh: "该应答不予采用，连同数据方回执可作为违规证据，请报告协会。",
    },
  },
  HOLDER_UNKNOWN: {
    status: 404,
    title: {
      en: "Number {position} of the list of holders is not a holder",
      zh: "数据方列表第 {position} 项不是数据方",
    },
    remedy: {
      en: "Name a member that has registered a dataset, or leave the list out to ask all holders.",
      zh: "请填写已登记数据集的成员，或不填以查询全部数据方。",
    },
  },
  DATASET_OTHERWISE_REGISTERED: {
    status: 409,
    title: {
      en: "Dataset {label} is registered already, with categories {categories}",
      zh: "数据集 {label} 已登记，其数据类别为 {categories}",
    },
    remedy: { en: "Use another label for other categories.", zh: "其他数据类别请使用另一个标签。" },
  },
  HOLDERS_NONE: {
    status: 409,
    title: { en: "There is nobody to ask yet", zh: "目前没有可查询的数据方" },
    remedy: {
      en: "No other active member has published a dataset. Ask again when one has.",
      zh: "尚无其他在册成员发布数据集，请待其发布后再查询。",
    },
  },
  SESSION_OPENING: {
    status: 503,
    title: { en: "A query session is being opened on chain", zh: "正在链上开启查询会话" },
    remedy: { en: "Nothing: the query goes on by itself.", zh: "无需操作，查询将自动继续。" },
  },
  LANES_BUSY: {
    status: 503,
    title: { en: "All lanes to this holder are in use", zh: "通往该数据方的通道均在使用中" },
    remedy: {
      en: "Nothing: the query goes on when an earlier one is answered.",
      zh: "无需操作，前面的查询完成后将自动继续。",
    },
  },
  LANES_WORN_OUT: {
    status: 503,
    title: { en: "This holder's answers were refused too often", zh: "该数据方的应答多次未通过校验" },
    remedy: {
      en: "It is asked again in a later session. Report it to the Association: earlier attempts say what was wrong.",
      zh: "将在后续会话中再次查询。请向协会报告，此前各次尝试已记录原因。",
    },
  },
  ENDPOINT_UNUSABLE: {
    status: 409,
    title: { en: "The member's endpoint on chain is no base URL", zh: "该成员在链上登记的接口地址无法使用" },
    remedy: {
      en: "The member sets an address without credentials, query or fragment.",
      zh: "请该成员登记不含用户名、查询参数或片段的接口地址。",
    },
  },
  HOLDER_UNREACHABLE: {
    status: 503,
    title: { en: "Holder {holder} does not answer", zh: "数据方 {holder} 未应答" },
    remedy: {
      en: "The answer is partial until then; it is completed when the holder returns.",
      zh: "在此之前结果为部分结果，待该机构恢复后自动补全。",
    },
  },
  QUERY_NOT_ENTITLED: {
    status: 403,
    title: { en: "A member of kind {kind} does not ask", zh: "{kind} 类成员无查询权限" },
    remedy: {
      en: "Firms ask for the business they do. The Association, regulators and operators of nodes have other ways to see what they must.",
      zh: "仅开展业务的机构可以查询；协会、监管机构与节点运营方通过各自的程序了解所需信息。",
    },
  },
  QUERY_UNKNOWN: {
    status: 404,
    title: { en: "There is no query {query}", zh: "没有查询 {query}" },
    remedy: { en: "Use the id that the query was accepted with.", zh: "请使用受理查询时返回的编号。" },
  },
  QUERY_DOCUMENT_UNKNOWN: {
    status: 404,
    title: {
      en: "Query {query} has no document {document} of investor {investor}",
      zh: "查询 {query} 中没有投资者 {investor} 的第 {document} 个证件",
    },
    remedy: {
      en: "Investors, and the documents of each, count from 0 in the order in which they were asked about.",
      zh: "投资者及其证件均按查询时的顺序从 0 起编号。",
    },
  },
  PICTURE_GIVEN_UP: {
    status: 409,
    title: { en: "The overall picture of query {query} was given up", zh: "查询 {query} 的整体视图已放弃" },
    remedy: {
      en: "There is nothing to be proved. The query itself says why (`picture.reason`); ask anew.",
      zh: "没有可供证明的结果。原因见该查询（`picture.reason`），请重新发起查询。",
    },
  },
  QUERY_NOT_ANSWERED: {
    status: 409,
    title: { en: "Query {query} is not answered yet", zh: "查询 {query} 尚未完成" },
    remedy: { en: "Wait for it: its events tell when it is done.", zh: "请等待查询完成，完成时将推送事件。" },
  },
  EVIDENCE_NOT_ASKED: {
    status: 404,
    title: { en: "Query {query} asked for something else", zh: "查询 {query} 未包含该类内容" },
    remedy: {
      en: "`evidence` is of details, `picture-evidence` of an overall picture. The query's `mode` says which it asked for.",
      zh: "`evidence` 为明细的证据，`picture-evidence` 为整体视图的证据；查询的 `mode` 表明其内容。",
    },
  },
});
