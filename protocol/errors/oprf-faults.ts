import { defineFaults } from "./descriptor.ts";

export const oprfFaults = defineFaults({
  ELEMENT_NOT_CANONICAL: {
    status: 400,
    title: { en: "Element {index} is not a canonical group element", zh: "第 {index} 个群元素编码不规范" },
    remedy: {
      en: "Send each element in the one canonical encoding of the suite (ristretto255: RFC 9496, 32 bytes).",
      zh: "请按算法套件规定的唯一规范编码发送每个群元素（ristretto255：RFC 9496，32 字节）。",
    },
  },
  ELEMENT_IDENTITY: {
    status: 400,
    title: { en: "Element {index} is the identity of the group", zh: "第 {index} 个群元素是单位元" },
    remedy: {
      en: "Blind the input with a non-zero scalar; the identity is never a valid element (RFC 9497 section 3.3).",
      zh: "请用非零标量盲化输入；单位元在任何情况下均无效（RFC 9497 第 3.3 节）。",
    },
  },
  ELEMENTS_LENGTH: {
    status: 400,
    title: { en: "{bytes} bytes are not a whole batch of elements", zh: "{bytes} 字节不构成完整的一批群元素" },
    remedy: {
      en: "Send between 1 and {most} elements of {elementBytes} bytes each, one after another.",
      zh: "请依次发送 1 至 {most} 个群元素，每个 {elementBytes} 字节。",
    },
  },
  SCALAR_INVALID: {
    status: 400,
    title: { en: "A scalar is zero, of wrong length, or not reduced", zh: "标量为零、长度不符或未约化" },
    remedy: {
      en: "Use a scalar from 1 to the group order minus 1 in its canonical encoding. Check the random source if it was drawn.",
      zh: "请使用 1 至群阶减 1 之间的标量，并采用规范编码；若为随机生成，请检查随机数来源。",
    },
  },
  OPRF_INPUT_INVALID: {
    status: 400,
    title: { en: "An input of {bytes} bytes cannot be evaluated", zh: "无法对 {bytes} 字节的输入求值" },
    remedy: {
      en: "An input is at most 65,535 bytes, a key seed exactly 32 (RFC 9497 sections 1.2 and 3.2.1).",
      zh: "输入不得超过 65,535 字节，密钥种子须为 32 字节（RFC 9497 第 1.2、3.2.1 节）。",
    },
  },
  PROOF_INVALID: {
    status: 422,
    title: { en: "The proof of correct evaluation does not hold", zh: "求值正确性证明不成立" },
    remedy: {
      en: "The answer was not made with the key committed on chain. Keep it as evidence and report the holder.",
      zh: "该应答未使用链上承诺的密钥，请留存作为证据并上报。",
    },
  },
});
