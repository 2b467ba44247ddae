import { defineFaults } from "./descriptor.ts";

/** Paillier encryption, packing and threshold decryption. */
export const paillierFaults = defineFaults({
  PAILLIER_MODULUS_INVALID: {
    status: 422,
    title: {
      en: "No powers modulo an even number or one of {bits} bits",
      zh: "模数须为奇数且位数适当，现为 {bits} 位",
    },
    remedy: {
      en: "A modulus is odd and has {least} to {most} bits; n^2 of a Paillier key is.",
      zh: "模数须为 {least} 至 {most} 位的奇数；Paillier 密钥的 n² 符合要求。",
    },
  },
  PAILLIER_BASE_OUT_OF_RANGE: {
    status: 422,
    title: { en: "The base of a power is negative or not below its modulus", zh: "幂的底数为负或不小于模数" },
    remedy: { en: "Reduce it modulo n^2 first.", zh: "请先对 n² 取模。" },
  },
  PAILLIER_EXPONENT_OUT_OF_RANGE: {
    status: 422,
    title: { en: "The exponent of a power is negative or too long", zh: "幂的指数为负或过长" },
    remedy: { en: "An exponent has at most {most} bits.", zh: "指数不得超过 {most} 位。" },
  },
  PAILLIER_KEY_INVALID: {
    status: 422,
    title: { en: "This is no Paillier key that can be used ({bits} bits)", zh: "Paillier 密钥不可用（{bits} 位）" },
    remedy: {
      en: "A key is n, odd and of at least {least} bits, and g = n + 1, both in decimal digits. Take it from the ceremony's record.",
      zh: "密钥由奇数 n（至少 {least} 位）与 g = n + 1 组成，均为十进制数字；请从密钥仪式记录中取得。",
    },
  },
  PAILLIER_KEY_NOT_BLUM: {
    status: 422,
    title: {
      en: "This key's modulus is not the product of two primes that are 3 modulo 4",
      zh: "该密钥的模数不是两个模 4 余 3 的素数之积",
    },
    remedy: {
      en: "Encrypt with full exponents, or use a key of two safe primes, as the ceremony deals.",
      zh: "请使用完整指数加密，或使用密钥仪式生成的安全素数密钥。",
    },
  },
  PAILLIER_KEY_DIFFERS: {
    status: 409,
    title: { en: "Things of two different Paillier keys were put together", zh: "混用了不同 Paillier 密钥的数据" },
    remedy: { en: "Use the key that is in force for this statistic.", zh: "请使用该统计项当前有效的密钥。" },
  },
  PAILLIER_PLAINTEXT_OUT_OF_RANGE: {
    status: 422,
    title: { en: "A plaintext is negative or not below n", zh: "明文为负或不小于 n" },
    remedy: {
      en: "Encrypt 0 to n - 1; pack several numbers by a layout.",
      zh: "明文取值为 0 至 n − 1；多个数值请按布局打包。",
    },
  },
  PAILLIER_FACTOR_OUT_OF_RANGE: {
    status: 422,
    title: { en: "A ciphertext cannot be multiplied by this factor", zh: "密文不能乘以该系数" },
    remedy: {
      en: "A factor is 1 to n - 1. What is multiplied by 0 is an encryption of 0: make a fresh one.",
      zh: "系数取值为 1 至 n − 1；需要 0 时请重新加密 0。",
    },
  },
  PAILLIER_RANDOMISER_SPENT: {
    status: 500,
    title: { en: "A randomiser was to be used a second time", zh: "随机化因子被要求重复使用" },
    remedy: {
      en: "Two plaintexts under one randomiser give away their difference. Take a fresh one for each encryption.",
      zh: "同一随机化因子加密两个明文会泄露其差值；每次加密请使用新的因子。",
    },
  },
  PAILLIER_RANDOMISER_REPEATED: {
    status: 500,
    title: { en: "The source of randomness gave the same value twice", zh: "随机数来源给出重复值" },
    remedy: {
      en: "Stop this relayer and look at its random generator; a machine resumed from an image with memory may be the cause.",
      zh: "请停止该中继并检查随机数发生器；从内存快照恢复的机器可能导致此问题。",
    },
  },
  PAILLIER_CIPHERTEXT_LENGTH: {
    status: 400,
    title: {
      en: "A ciphertext has {bytes} bytes instead of {wanted}",
      zh: "密文长度为 {bytes} 字节，应为 {wanted} 字节",
    },
    remedy: {
      en: "Send the integer big-endian in twice the length of n, with leading zeros.",
      zh: "请以大端序发送整数，长度为 n 的两倍并补足前导零。",
    },
  },
  PAILLIER_CIPHERTEXT_OUT_OF_RANGE: {
    status: 400,
    title: { en: "A ciphertext is zero or not below n^2", zh: "密文为零或不小于 n²" },
    remedy: { en: "A ciphertext is 1 to n^2 - 1. Check the key.", zh: "密文取值为 1 至 n² − 1，请核对密钥。" },
  },
  PAILLIER_CIPHERTEXT_NOT_A_UNIT: {
    status: 400,
    title: { en: "A ciphertext has a factor in common with n", zh: "密文与 n 有公因数" },
    remedy: {
      en: "Encryption does not give such a value. If the factor is a prime of n, the key is broken: end it and tell the Association.",
      zh: "加密不会产生此类值；若该公因数为 n 的素因子，则密钥已被破解，请立即停用并通知协会。",
    },
  },
  PAILLIER_CIPHERTEXT_BARE: {
    status: 400,
    title: { en: "A ciphertext hides nothing: it has no randomness", zh: "密文未加随机化，不能隐藏明文" },
    remedy: { en: "Encrypt with a fresh randomiser.", zh: "请使用新的随机化因子加密。" },
  },
  PAILLIER_NOT_A_PLAINTEXT: {
    status: 422,
    title: { en: "The decryption has no plaintext", zh: "解密结果不是明文" },
    remedy: {
      en: "Shares that were not examined were combined, or the key is another one. Combine examined shares only.",
      zh: "合并了未经检验的份额，或密钥不符；请仅合并通过检验的份额。",
    },
  },
  PAILLIER_PROOF_LENGTH: {
    status: 400,
    title: { en: "A proof has {bytes} bytes instead of {wanted}", zh: "证明长度为 {bytes} 字节，应为 {wanted} 字节" },
    remedy: { en: "Send challenge and answers in their fixed lengths.", zh: "请按固定长度发送挑战与应答。" },
  },
  PAILLIER_PRIMES_UNFIT: {
    status: 422,
    title: { en: "These primes are not fit for a threshold key", zh: "素数不适用于门限密钥" },
    remedy: {
      en: "Use two different safe primes of one length. Draw others.",
      zh: "须为两个等长且不同的安全素数，请重新生成。",
    },
  },
  PAILLIER_THRESHOLD_INVALID: {
    status: 422,
    title: { en: "{threshold} of {shares} is no threshold", zh: "{shares} 取 {threshold} 不是有效门限" },
    remedy: {
      en: "At least 2 holders decrypt together, of at most 32.",
      zh: "门限至少为 2，持有方最多 32 个。",
    },
  },
  PAILLIER_VERIFICATION_KEY_INVALID: {
    status: 422,
    title: {
      en: "Verification key {index} does not belong to the others of this threshold key",
      zh: "第 {index} 个验证密钥与该门限密钥的其他验证密钥不一致",
    },
    remedy: {
      en: "The dealing was wrong or the record was changed. Do not use the key; hold the ceremony again.",
      zh: "密钥分发有误或记录被改动；请勿使用该密钥，重新举行密钥仪式。",
    },
  },
  PAILLIER_KEY_SHARE_INVALID: {
    status: 422,
    title: {
      en: "Key share {index} is not the one in the ceremony's record",
      zh: "第 {index} 份密钥份额与仪式记录不符",
    },
    remedy: {
      en: "Open the sealed file of this ceremony again. If it stays so, refuse to acknowledge.",
      zh: "请重新打开本次仪式的密封文件；若仍不符，请拒绝签署确认。",
    },
  },
  PAILLIER_SHARES_TOO_FEW: {
    status: 409,
    title: { en: "Only {right} of {needed} right decryption shares", zh: "有效解密份额仅 {right} 份，需 {needed} 份" },
    remedy: {
      en: "Ask further nodes. Report those whose shares were rejected.",
      zh: "请向其他节点索取份额，并上报份额被拒的节点。",
    },
  },
  PAILLIER_SHARE_LENGTH: {
    status: 400,
    title: {
      en: "A decryption share has {bytes} bytes instead of {wanted}",
      zh: "解密份额长度为 {bytes} 字节，应为 {wanted} 字节",
    },
    remedy: { en: "Send all fields in their fixed lengths.", zh: "请按固定长度发送各字段。" },
  },
  PAILLIER_SHARE_OF_OTHER_KEY: {
    status: 422,
    title: { en: "A decryption share is of another threshold key", zh: "解密份额属于另一门限密钥" },
    remedy: { en: "Ask the node for a share under the key in force.", zh: "请向节点索取当前密钥下的份额。" },
  },
  PAILLIER_SHARE_OF_OTHER_CIPHERTEXT: {
    status: 422,
    title: { en: "A decryption share is for another ciphertext", zh: "解密份额针对另一密文" },
    remedy: {
      en: "Ask the node again. Two nodes that recomputed different products have different contributions.",
      zh: "请重新索取；若各节点重算的乘积不同，说明其所持数据不同。",
    },
  },
  PAILLIER_SHARE_OF_OTHER_CONTEXT: {
    status: 422,
    title: { en: "A decryption share was made for another task", zh: "解密份额为另一任务所作" },
    remedy: {
      en: "A share is used for its own task only. Ask the node again.",
      zh: "份额仅用于其所属任务，请重新索取。",
    },
  },
  PAILLIER_SHARE_INDEX_INVALID: {
    status: 422,
    title: { en: "A decryption share is of a holder that there is not", zh: "解密份额的持有方编号不存在" },
    remedy: { en: "Holders are numbered from 1 as in the ceremony's record.", zh: "持有方按仪式记录从 1 编号。" },
  },
  PAILLIER_SHARE_OUT_OF_RANGE: {
    status: 422,
    title: { en: "A decryption share or its proof is out of range", zh: "解密份额或其证明超出取值范围" },
    remedy: { en: "No right node sends this. Report the node.", zh: "正常节点不会发送此类数据，请上报该节点。" },
  },
  PAILLIER_SHARE_TRIVIAL: {
    status: 422,
    title: { en: "A decryption share is 0, 1 or -1", zh: "解密份额为 0、1 或 −1" },
    remedy: { en: "No right node sends this. Report the node.", zh: "正常节点不会发送此类数据，请上报该节点。" },
  },
  PAILLIER_SHARE_NOT_A_UNIT: {
    status: 422,
    title: { en: "A decryption share has a factor in common with n", zh: "解密份额与 n 有公因数" },
    remedy: { en: "No right node sends this. Report the node.", zh: "正常节点不会发送此类数据，请上报该节点。" },
  },
  PAILLIER_SHARE_PROOF_INVALID: {
    status: 422,
    title: { en: "The proof of a decryption share does not hold", zh: "解密份额的证明不成立" },
    remedy: {
      en: "The share is wrong or of another holder. Keep it as evidence and report the node.",
      zh: "份额有误或属于其他持有方；请留存作为证据并上报该节点。",
    },
  },
  PAILLIER_SHARE_REPEATED: {
    status: 409,
    title: { en: "A second decryption share of the same holder", zh: "同一持有方重复提交解密份额" },
    remedy: { en: "One share of each holder counts.", zh: "每个持有方仅计一份。" },
  },
  PACKING_LAYOUT_INVALID: {
    status: 422,
    title: { en: "The layout cannot hold this", zh: "打包布局无效" },
    remedy: {
      en: "A layout has 1 to 1,000 fields with different names and a most of 1 to 2^128 - 1, for 1 to 10,000 contributors.",
      zh: "布局含 1 至 1000 个名称各异的字段，上限为 1 至 2^128 − 1，贡献方为 1 至 10000 个。",
    },
  },
  PACKING_TOO_WIDE: {
    status: 422,
    title: {
      en: "The fields' largest sums take {bits} bits, there are {most}",
      zh: "各字段最大合计需 {bits} 位，可用 {most} 位",
    },
    remedy: {
      en: "Use fewer fields, smaller mosts or fewer contributors, or a second ciphertext.",
      zh: "请减少字段、降低上限或减少贡献方，或使用第二个密文。",
    },
  },
  PACKING_FIELD_UNKNOWN: {
    status: 422,
    title: { en: "Field {field} is missing or not in the layout", zh: "字段 {field} 缺失或不在布局中" },
    remedy: { en: "Give exactly one value for each field.", zh: "请为每个字段各提供一个值。" },
  },
  PACKING_VALUE_OUT_OF_RANGE: {
    status: 422,
    title: { en: "The value of field {field} is negative or above its most", zh: "字段 {field} 的值为负或超过上限" },
    remedy: {
      en: "A larger value would run into the next field. Check the unit (fen), or have the layout widened.",
      zh: "过大的值会溢出到相邻字段；请核对单位（分），或申请放宽布局。",
    },
  },
  PACKING_SUM_INVALID: {
    status: 422,
    title: {
      en: "The sum in field {field} cannot come from honest contributions",
      zh: "字段 {field} 的合计不可能来自如实的贡献",
    },
    remedy: {
      en: "Somebody packed by another program. Publish nothing, and tell the Association.",
      zh: "有贡献方未按规则打包；请勿公布，并告知协会。",
    },
  },
});
