import { defineFaults } from "./descriptor.ts";

export const channelFaults = defineFaults({
  CHANNEL_MESSAGE_MALFORMED: {
    status: 400,
    title: { en: "The key agreement message's {field} {reason}", zh: "密钥协商消息的 {field} 有误：{reason}" },
    remedy: { en: "Send the message as the protocol page describes it.", zh: "请按协议文档的格式发送消息。" },
  },
  CHANNEL_PARTIES_WRONG: {
    status: 400,
    title: {
      en: "A key agreement of member {initiator} with member {responder} is not for here",
      zh: "成员 {initiator} 与成员 {responder} 之间的密钥协商不适用于此处",
    },
    remedy: {
      en: "Two different members agree. Take the recipient's id and endpoint from the member registry.",
      zh: "协商须在两个不同成员之间进行；请按成员注册合约核对接收方编号与端点。",
    },
  },
  CHANNEL_PEER_NOT_ACTIVE: {
    status: 403,
    title: { en: "Member {member} is not an active member", zh: "成员 {member} 不是有效成员" },
    remedy: {
      en: "Only active members' relayers are served. Ask the Association about the member's admission or suspension.",
      zh: "仅向有效成员的中继提供服务；准入或暂停事宜请咨询协会。",
    },
  },
  CHANNEL_CERTIFICATE_NOT_REGISTERED: {
    status: 403,
    title: {
      en: "The certificate shown is not the one that stands on chain for member {member}",
      zh: "所出示的证书与成员 {member} 在链上登记的证书不符",
    },
    remedy: {
      en: "Record the certificate's SM3 digest in the member registry, or use the certificate that is recorded.",
      zh: "请在成员注册合约中登记该证书的 SM3 摘要，或使用已登记的证书。",
    },
  },
  CHANNEL_SIGNATURE_INVALID: {
    status: 401,
    title: {
      en: "Member {member}'s signature on the key agreement does not hold",
      zh: "成员 {member} 在密钥协商中的签名不成立",
    },
    remedy: {
      en: "Sign with the key of the certificate shown. If nobody changed a key, somebody is between the two relayers.",
      zh: "请使用所出示证书对应的私钥签名；若密钥未变，则双方之间可能存在中间人。",
    },
  },
  CHANNEL_CONFIRMATION_INVALID: {
    status: 401,
    title: { en: "Member {member} did not arrive at the same key", zh: "成员 {member} 未得出相同的会话密钥" },
    remedy: {
      en: "Start a new key agreement. If it fails again, a message is changed on its way, or the networks differ.",
      zh: "请重新协商；若仍失败，说明消息在途中被改动，或双方不在同一网络。",
    },
  },
  CHANNEL_TERMS_REFUSED: {
    status: 502,
    title: {
      en: "A session of {lifetimeSeconds} s and {maximumRequests} requests is not accepted",
      zh: "不接受 {lifetimeSeconds} 秒、{maximumRequests} 次请求的会话",
    },
    remedy: {
      en: "A session lasts 1 to 86,400 seconds and 1 to 4,294,967,295 requests.",
      zh: "会话须为 1 至 86400 秒、1 至 4294967295 次请求。",
    },
  },
  CHANNEL_HANDSHAKE_UNKNOWN: {
    status: 401,
    title: { en: "No such key agreement is under way", zh: "没有正在进行的该次密钥协商" },
    remedy: {
      en: "Start a new key agreement; each is completed once.",
      zh: "请重新发起密钥协商；每次协商只能完成一次。",
    },
  },
  CHANNEL_HANDSHAKE_EXPIRED: {
    status: 401,
    title: { en: "The key agreement took longer than {limit} s", zh: "密钥协商超过 {limit} 秒" },
    remedy: { en: "Start a new key agreement.", zh: "请重新发起密钥协商。" },
  },
  CHANNEL_TAG_MALFORMED: {
    status: 401,
    title: { en: "The request carries no well-formed session header", zh: "请求缺少格式正确的会话头" },
    remedy: {
      en: "Agree on a session key first, then send the session header with each request.",
      zh: "请先完成密钥协商，再在每个请求中携带会话头。",
    },
  },
  CHANNEL_SESSION_UNKNOWN: {
    status: 401,
    title: { en: "The session is not known here", zh: "未知的会话" },
    remedy: {
      en: "Start a new key agreement and send the request again; sessions end when a relayer restarts.",
      zh: "请重新协商后再次发送；中继重启后原会话失效。",
    },
  },
  CHANNEL_SESSION_EXPIRED: {
    status: 401,
    title: { en: "The session ended at {expiresAt}", zh: "会话已于 {expiresAt} 结束" },
    remedy: { en: "Start a new key agreement and send the request again.", zh: "请重新协商后再次发送。" },
  },
  CHANNEL_SESSION_SPENT: {
    status: 401,
    title: { en: "The session's {maximumRequests} requests are used up", zh: "会话的 {maximumRequests} 次请求已用完" },
    remedy: { en: "Start a new key agreement and send the request again.", zh: "请重新协商后再次发送。" },
  },
  CHANNEL_REQUEST_INVALID: {
    status: 401,
    title: { en: "The request is not as its sender authenticated it", zh: "请求与发送方认证的内容不符" },
    remedy: {
      en: "Send method, path and body unchanged. A proxy between the relayers must not rewrite them.",
      zh: "请原样发送方法、路径与请求体；双方之间的代理不得改写。",
    },
  },
  CHANNEL_CLOCK_SKEW: {
    status: 401,
    title: {
      en: "The request's time differs by {seconds} s from this relayer's clock; at most {limit} s are taken",
      zh: "请求时间与本中继时钟相差 {seconds} 秒，超出允许的 {limit} 秒",
    },
    remedy: { en: "Synchronise both clocks (NTP) and send the request again.", zh: "请同步双方时钟（NTP）后重试。" },
  },
  CHANNEL_REPLAYED: {
    status: 401,
    title: { en: "Request {sequence} of the session was received before", zh: "会话的第 {sequence} 号请求已被接收过" },
    remedy: { en: "Authenticate each try anew.", zh: "每次重试均须重新认证。" },
  },
  CHANNEL_SEQUENCE_STALE: {
    status: 401,
    title: {
      en: "Request {sequence} of the session is too old: {highest} was received before it",
      zh: "会话的第 {sequence} 号请求过旧：此前已收到第 {highest} 号",
    },
    remedy: {
      en: "Authenticate it anew; at most {window} requests may overtake one.",
      zh: "请重新认证；先后到达相差不得超过 {window} 个请求。",
    },
  },
  CHANNEL_RESPONSE_INVALID: {
    status: 502,
    title: {
      en: "Member {member}'s answer is not authenticated as the answer to this request",
      zh: "成员 {member} 的应答未通过对本次请求的认证",
    },
    remedy: {
      en: "Send the request again. If it stays so, a proxy changes answers or somebody is between the two relayers.",
      zh: "请重新发送请求；若仍如此，说明代理改动了应答，或双方之间存在中间人。",
    },
  },
  CHANNEL_UNREACHABLE: {
    status: 502,
    title: { en: "No session could be agreed on with member {member}", zh: "未能与成员 {member} 协商会话" },
    remedy: {
      en: "It is tried again by itself. If it lasts, ask that member whether its relayer is up and its endpoint right.",
      zh: "系统将自动重试；如持续失败，请联系该成员确认中继与端点状态。",
    },
  },
  CHANNEL_REFUSED: {
    status: 502,
    title: { en: "Member {member} refused a session: {code}", zh: "成员 {member} 拒绝协商会话：{code}" },
    remedy: {
      en: "The code says what that member's relayer found wrong with this one: its certificate, its status on chain, or its clock.",
      zh: "该代码说明对方中继所发现的问题，如本方证书、链上状态或时钟。",
    },
  },
  PEER_UNREACHABLE: {
    status: 503,
    title: { en: "Member {member} could not be reached", zh: "无法连接成员 {member}" },
    remedy: { en: "It is tried again with the next heartbeat.", zh: "将在下次心跳时重试。" },
  },
});
