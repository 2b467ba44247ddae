import { defineFaults } from "./descriptor.ts";

/** The ceremony in which a threshold key is dealt. */
export const ceremonyFaults = defineFaults({
  CEREMONY_FILE_INVALID: {
    status: 422,
    title: { en: "{file} is not the ceremony file that is expected here", zh: "{file} 不是此处所需的仪式文件" },
    remedy: {
      en: "Name a readable file as this command or `docs/guides/ceremony.md` describes it, unchanged.",
      zh: "请指定可读且未改动的文件，格式见命令说明或 `docs/guides/ceremony.md`。",
    },
  },
  CEREMONY_FILE_EXISTS: {
    status: 409,
    title: { en: "{file} is there already", zh: "{file} 已存在" },
    remedy: { en: "Nothing is overwritten. Name another directory.", zh: "不覆盖任何文件，请指定其他目录。" },
  },
  CEREMONY_INSTITUTION_REPEATED: {
    status: 422,
    title: { en: "Institution {institution} takes part twice", zh: "机构 {institution} 重复参与" },
    remedy: {
      en: "Each share goes to another institution, by its unified social credit code, under a key of its own.",
      zh: "每份份额须交由不同机构（以统一社会信用代码区分），并使用各自的密钥。",
    },
  },
  CEREMONY_ASSOCIATION_REPEATED: {
    status: 422,
    title: {
      en: "{count} participants are the Association's, at most one may be",
      zh: "协会参与方有 {count} 个，至多一个",
    },
    remedy: { en: "Give the other shares to members.", zh: "请将其余份额交由成员机构。" },
  },
  CEREMONY_RECORD_INVALID: {
    status: 422,
    title: { en: "The ceremony's record does not agree with itself", zh: "仪式记录前后不一致" },
    remedy: {
      en: "It was changed or made by another program. Ask the dealer for the signed one; do not acknowledge this.",
      zh: "记录被改动或由其他程序生成；请向主持方索取已签名的记录，不要确认。",
    },
  },
  CEREMONY_SIGNATURE_INVALID: {
    status: 422,
    title: { en: "A signature in the ceremony is not its signer's", zh: "仪式文件的签名与签署方不符" },
    remedy: {
      en: "Compare the dealer's key with the one you were told on another way, and ask for the file again.",
      zh: "请与经其他途径获知的主持方公钥比对，并重新索取文件。",
    },
  },
  CEREMONY_DEALER_UNEXPECTED: {
    status: 403,
    title: { en: "The record is signed by another dealer than the expected one", zh: "记录由非预期的主持方签署" },
    remedy: {
      en: "Give the dealer's public key as you were told it on another way than the record itself.",
      zh: "请使用经其他途径获知的主持方公钥。",
    },
  },
  CEREMONY_NOT_A_PARTICIPANT: {
    status: 403,
    title: { en: "This key is no participant's of the ceremony", zh: "该密钥不属于本次仪式的参与方" },
    remedy: { en: "Use the key that stands in the ceremony's plan.", zh: "请使用仪式方案中所列的密钥。" },
  },
  CEREMONY_SEALED_SHARE_INVALID: {
    status: 422,
    title: {
      en: "The sealed share is not the one of the record for this participant",
      zh: "密封份额与记录中该参与方的份额不符",
    },
    remedy: {
      en: "Take the file with your number from this ceremony. If it stays so, refuse to acknowledge.",
      zh: "请使用本次仪式中与您编号对应的文件；若仍不符，请拒绝确认。",
    },
  },
  CEREMONY_ACKNOWLEDGEMENT_INVALID: {
    status: 422,
    title: {
      en: "The acknowledgement of participant {index} is of another record or share",
      zh: "参与方 {index} 的确认针对另一记录或份额",
    },
    remedy: {
      en: "Have the participant verify its share against this record again.",
      zh: "请该参与方依据本记录重新验证其份额。",
    },
  },
  CEREMONY_TRIAL_FAILED: {
    status: 422,
    title: {
      en: "The shares decrypt the trial to another number than they should",
      zh: "各份额对试解密文的解密结果不正确",
    },
    remedy: {
      en: "The secret was dealt wrongly although the shares agree. Do not use the key; hold the ceremony again.",
      zh: "份额虽一致，但所分发的密钥有误；请勿使用该密钥，重新举行密钥仪式。",
    },
  },
  CEREMONY_ACKNOWLEDGEMENT_MISSING: {
    status: 409,
    title: { en: "Participants {indices} have not acknowledged", zh: "参与方 {indices} 尚未确认" },
    remedy: {
      en: "The key is put to use when all have. Without one of them hold the ceremony again.",
      zh: "全部确认后方可启用密钥；如有缺席，请重新举行仪式。",
    },
  },
});
