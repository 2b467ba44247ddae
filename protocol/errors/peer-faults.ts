import { defineFaults } from "./descriptor.ts";

export const peerFaults = defineFaults({
  PEER_SIGNATURE_INVALID: {
    status: 401,
    title: { en: "The request is not signed by the account it names", zh: "请求签名与所称账户不符" },
    remedy: {
      en: "Sign method, path, body, time, nonce and recipient with the member's operator key, as the documentation describes.",
      zh: "请按文档使用成员操作账户密钥对方法、路径、请求体、时间、随机数与接收方签名。",
    },
  },
  PEER_CLOCK_SKEW: {
    status: 401,
    title: {
      en: "The request's time differs by {seconds} s from this relayer's clock; at most {limit} s are taken",
      zh: "请求时间与本中继时钟相差 {seconds} 秒，超出允许的 {limit} 秒",
    },
    remedy: { en: "Synchronise both clocks (NTP) and send the request again.", zh: "请同步双方时钟（NTP）后重试。" },
  },
  PEER_REPLAYED: {
    status: 401,
    title: { en: "The request was received before", zh: "该请求已被接收过" },
    remedy: { en: "Sign each request anew, with a fresh nonce.", zh: "每次请求均须使用新的随机数重新签名。" },
  },
  PEER_NOT_ACTIVE: {
    status: 403,
    title: { en: "Account {operator} acts for no active member", zh: "账户 {operator} 未代表任何有效成员" },
    remedy: {
      en: "Only active members' relayers are served. Ask the Association about the member's admission or suspension.",
      zh: "仅向有效成员的中继提供服务；准入或暂停事宜请咨询协会。",
    },
  },
  PEER_BUSY: {
    status: 429,
    title: { en: "Member {member} sends more requests than are remembered", zh: "成员 {member} 的请求过于频繁" },
    remedy: { en: "Wait {seconds} seconds and try again.", zh: "请等待 {seconds} 秒后重试。" },
  },
});
