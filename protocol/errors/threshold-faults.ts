import { defineFaults } from "./descriptor.ts";

/** Keys shared by several nodes. A dealer or a node is named by its index; a reason for an exclusion is one of these codes. */
export const thresholdFaults = defineFaults({
  THRESHOLD_PARAMETERS_INVALID: {
    status: 422,
    title: {
      en: "A key for {threshold} of {nodes} nodes is not possible",
      zh: "无法建立 {nodes} 个节点中需 {threshold} 个参与的密钥",
    },
    remedy: {
      en: "Choose 1 to 255 nodes and a threshold of at least 1 and at most (nodes + 1) / 2, so that the honest majority can finish.",
      zh: "节点数须为 1 至 255；门限至少为 1，且不超过（节点数 + 1）/ 2，以便诚实多数能够完成流程。",
    },
  },
  THRESHOLD_INDICES_INVALID: {
    status: 422,
    title: {
      en: "The node indices are not distinct numbers from 1 to {nodes}",
      zh: "节点编号不是 1 至 {nodes} 的互异整数",
    },
    remedy: {
      en: "Name each node once, by its index in the registered set.",
      zh: "每个节点只列一次，并使用其登记的编号。",
    },
  },
  THRESHOLD_MESSAGE_MALFORMED: {
    status: 400,
    title: { en: "The {message} message is malformed", zh: "{message} 消息格式有误" },
    remedy: {
      en: "Send the message as the protocol page describes it, for the ceremony that is open.",
      zh: "请按协议文档的格式，针对当前进行中的密钥仪式发送消息。",
    },
  },
  DEALING_MISSING: {
    status: 422,
    title: { en: "Dealer {dealer} posted no dealing", zh: "分发方 {dealer} 未发布分发消息" },
    remedy: {
      en: "The ceremony goes on without it. Ask its operator why; it deals again in the next ceremony.",
      zh: "仪式在其缺席的情况下继续；请向其运营方了解原因，下次仪式时重新参与。",
    },
  },
  DEALING_MALFORMED: {
    status: 422,
    title: { en: "The dealing of dealer {dealer} is malformed", zh: "分发方 {dealer} 的分发消息格式有误" },
    remedy: {
      en: "The ceremony goes on without it. Report it to the Association with the posted bytes.",
      zh: "仪式在排除该方后继续；请将其发布的原始字节上报协会。",
    },
  },
  DEALING_SECRET_DIFFERS: {
    status: 422,
    title: {
      en: "Dealer {dealer} does not re-deal the share that it holds",
      zh: "分发方 {dealer} 重新分发的并非其持有的份额",
    },
    remedy: {
      en: "The ceremony goes on without it. Report it to the Association with the posted bytes.",
      zh: "仪式在排除该方后继续；请将其发布的原始字节上报协会。",
    },
  },
  DEALING_COMPLAINTS_TOO_MANY: {
    status: 422,
    title: {
      en: "As many nodes as the threshold complained of dealer {dealer}",
      zh: "投诉分发方 {dealer} 的节点数达到门限",
    },
    remedy: {
      en: "So many complaints cannot all be false: the dealer is excluded. Check its key material and its connection.",
      zh: "投诉数已超过恶意节点上限，该分发方被排除；请检查其密钥与网络。",
    },
  },
  DEALING_COMPLAINT_UNANSWERED: {
    status: 422,
    title: {
      en: "Dealer {dealer} did not answer the complaint of node {receiver}",
      zh: "分发方 {dealer} 未回应节点 {receiver} 的投诉",
    },
    remedy: {
      en: "The dealer is excluded. A dealer answers a complaint within its window by revealing that share.",
      zh: "该分发方被排除；分发方须在期限内公开相应份额以回应投诉。",
    },
  },
  DEALING_JUSTIFICATION_WRONG: {
    status: 422,
    title: {
      en: "The share that dealer {dealer} revealed for node {receiver} does not fit its commitments",
      zh: "分发方 {dealer} 为节点 {receiver} 公开的份额与其承诺不符",
    },
    remedy: {
      en: "The dealer is excluded. Report it to the Association with the posted bytes.",
      zh: "该分发方被排除；请将其发布的原始字节上报协会。",
    },
  },
  DEALINGS_TOO_FEW: {
    status: 503,
    title: {
      en: "Only {qualified} dealers qualified; {threshold} are needed",
      zh: "仅有 {qualified} 个分发方合格，至少需要 {threshold} 个",
    },
    remedy: {
      en: "Repeat the ceremony with nodes that are ready. No key came of this one; a key that was in use stays in use.",
      zh: "请在节点就绪后重新进行仪式；本次未产生新密钥，原有密钥继续有效。",
    },
  },
  DEALING_SHARE_WRONG: {
    status: 422,
    title: {
      en: "The share that node {receiver} holds from dealer {dealer} does not fit its commitments",
      zh: "节点 {receiver} 持有的来自分发方 {dealer} 的份额与其承诺不符",
    },
    remedy: {
      en: "Complain within the window. After it, take part in the next resharing to get a share again.",
      zh: "请在期限内提出投诉；逾期则须在下次重新分发时取得份额。",
    },
  },
  EXTRACTION_MISSING: {
    status: 422,
    title: { en: "Dealer {dealer} did not publish its key part", zh: "分发方 {dealer} 未公布其密钥分量" },
    remedy: {
      en: "Its part is reconstructed from the shares that the others hold. Ask its operator why.",
      zh: "其分量由其他节点持有的份额重建；请向其运营方了解原因。",
    },
  },
  EXTRACTION_WRONG: {
    status: 422,
    title: {
      en: "The key part that dealer {dealer} published does not fit the shares it dealt",
      zh: "分发方 {dealer} 公布的密钥分量与其分发的份额不符",
    },
    remedy: {
      en: "Its part is reconstructed from the shares that the others hold. Report it to the Association.",
      zh: "其分量由其他节点持有的份额重建；请上报协会。",
    },
  },
  EXPOSURES_TOO_FEW: {
    status: 503,
    title: {
      en: "Only {good} of {threshold} shares are there to reconstruct the key part of dealer {dealer}",
      zh: "重建分发方 {dealer} 的密钥分量需要 {threshold} 份份额，目前仅有 {good} 份",
    },
    remedy: {
      en: "Every node that holds a share of that dealer posts it; then the key can be computed.",
      zh: "请持有该分发方份额的各节点公布份额，随后即可计算密钥。",
    },
  },
  KEY_SET_INCONSISTENT: {
    status: 422,
    title: {
      en: "The public shares of a key are not those of its public key",
      zh: "密钥的公开份额与其公钥不一致",
    },
    remedy: {
      en: "Compute the key again from the ceremony's transcript on chain; do not use this file.",
      zh: "请依据链上的仪式记录重新计算密钥，勿使用此文件。",
    },
  },
  KEY_SHARE_WRONG: {
    status: 422,
    title: { en: "The secret share is not that of node {index}", zh: "私密份额与节点 {index} 不符" },
    remedy: {
      en: "Use the share of the same key and the same resharing as the public shares; older ones are void.",
      zh: "请使用与公开份额属于同一密钥、同一次重新分发的份额；旧份额已失效。",
    },
  },
  KEY_ROUND_UNKNOWN: {
    status: 404,
    title: { en: "There is no key round {round}", zh: "不存在密钥轮次 {round}" },
    remedy: { en: "List the key rounds and use one of their numbers.", zh: "请查询密钥轮次列表后使用其中的编号。" },
  },
  KEY_ROUND_BASIS_MISSING: {
    status: 409,
    title: {
      en: "Key round {round} shares the {purpose} key of round {basis} anew, which has no such key",
      zh: "密钥轮次 {round} 拟重新分发第 {basis} 轮的密钥（{purpose}），但该轮并无此密钥",
    },
    remedy: {
      en: "Read both rounds from the chain again; a basis is a completed round with keys of all purposes of the new one.",
      zh: "请重新从链上读取两个轮次；基础轮次须已完成，且包含新轮次的全部用途密钥。",
    },
  },
  PARTIAL_MALFORMED: {
    status: 422,
    title: { en: "The partial evaluation of node {node} is malformed", zh: "节点 {node} 的部分求值格式有误" },
    remedy: {
      en: "It is left out; another node is asked. Report the node with the bytes it sent.",
      zh: "已将其排除并改询其他节点；请将其返回的原始字节上报。",
    },
  },
  PARTIAL_PROOF_INVALID: {
    status: 422,
    title: {
      en: "Node {node} did not prove that it used its registered share",
      zh: "节点 {node} 未能证明其使用了已登记的份额",
    },
    remedy: {
      en: "It is left out; another node is asked. Keep its signed answer as evidence and report the node.",
      zh: "已将其排除并改询其他节点；请保留其签名应答作为证据并上报。",
    },
  },
  PARTIAL_NODE_UNKNOWN: {
    status: 422,
    title: { en: "There is no node {node} in this key", zh: "该密钥中不存在节点 {node}" },
    remedy: {
      en: "Ask the nodes that the registry names for this key.",
      zh: "请向登记合约列出的节点发起请求。",
    },
  },
  PARTIALS_TOO_FEW: {
    status: 503,
    title: {
      en: "{good} nodes answered rightly; {missing} more are needed",
      zh: "{good} 个节点应答正确，还缺 {missing} 个",
    },
    remedy: {
      en: "Ask further nodes, or the same ones again when they are back. Nodes that answered wrongly are named in the report.",
      zh: "请向其他节点发起请求，或待节点恢复后重试；应答有误的节点列于报告中。",
    },
  },
});
