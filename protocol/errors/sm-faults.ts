import { defineFaults } from "./descriptor.ts";

export const smFaults = defineFaults({
  SM2_PUBLIC_KEY_INVALID: {
    status: 400,
    title: { en: "A key is not a point of the SM2 curve", zh: "公钥不是 SM2 曲线上的点" },
    remedy: {
      en: "Send an SM2 key (GB/T 32918.5 recommended curve) as 65 bytes: 04, x, y. Compressed points are not accepted.",
      zh: "请提供 SM2 公钥（GB/T 32918.5 推荐曲线），格式为 65 字节未压缩点：04、x、y；不接受压缩点。",
    },
  },
  SM2_SECRET_KEY_INVALID: {
    status: 500,
    title: {
      en: "A secret key is out of range or does not belong to the public key beside it",
      zh: "私钥超出取值范围，或与所附公钥不符",
    },
    remedy: {
      en: "Restore the key file from its backup, or generate a new key and have it certified.",
      zh: "请从备份恢复密钥文件，或重新生成密钥并申请证书。",
    },
  },
  SM2_KEY_FILE_INVALID: {
    status: 500,
    title: { en: "The text is not an SM2 key in PEM", zh: "文本不是 PEM 格式的 SM2 密钥" },
    remedy: {
      en: "Give an unencrypted PKCS#8 key as `openssl genpkey -algorithm SM2` writes it, or its public key.",
      zh: "请提供未加密的 PKCS#8 密钥（如 `openssl genpkey -algorithm SM2` 的输出）或其公钥。",
    },
  },
  SM2_USER_ID_INVALID: {
    status: 400,
    title: {
      en: "A user id of {bytes} bytes is too long for an SM2 signature",
      zh: "{bytes} 字节的用户标识超出 SM2 签名的上限",
    },
    remedy: { en: "A user id has at most 8,191 bytes.", zh: "用户标识不得超过 8191 字节。" },
  },
  SM2_MESSAGE_EMPTY: {
    status: 400,
    title: { en: "An empty message cannot be encrypted by SM2", zh: "SM2 不能加密空消息" },
    remedy: { en: "Encrypt at least one byte.", zh: "待加密内容至少一个字节。" },
  },
  SM2_CIPHERTEXT_INVALID: {
    status: 400,
    title: { en: "The SM2 ciphertext cannot be opened by this key", zh: "该密钥无法解开此 SM2 密文" },
    remedy: {
      en: "Encrypt for this recipient's current key, in the order C1, C3, C2 with C1 uncompressed.",
      zh: "请使用接收方当前公钥加密，密文次序为 C1、C3、C2，且 C1 为未压缩点。",
    },
  },
});
