import { defineFaults } from "./descriptor.ts";

export const httpFaults = defineFaults({
  INTERNAL: {
    status: 500,
    title: { en: "The relayer failed", zh: "中继程序内部错误" },
    remedy: {
      en: "The cause is in the relayer's log under this request's id. Report it to whoever runs the relayer.",
      zh: "原因已按本次请求编号记入日志，请联系系统管理员。",
    },
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: { en: "The body is larger than {limit} bytes", zh: "请求体超过 {limit} 字节" },
    remedy: { en: "Send less at once, or split the file.", zh: "请减少单次提交的数据量，或拆分文件。" },
  },
  BODY_MALFORMED: {
    status: 400,
    title: { en: "The body is not valid JSON", zh: "请求体不是有效的 JSON" },
    remedy: {
      en: "Send UTF-8 JSON as the documentation at /docs describes.",
      zh: "请按 /docs 文档提交 UTF-8 编码的 JSON。",
    },
  },
  BODY_INCOMPLETE: {
    status: 400,
    title: { en: "The body ended before it was complete", zh: "请求体不完整" },
    remedy: { en: "Send the request again.", zh: "请重新发送请求。" },
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: { en: "This route does not take the content type sent", zh: "不支持所提交的内容类型" },
    remedy: { en: "Use {accepted}.", zh: "请使用 {accepted}。" },
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    title: { en: "Compressed bodies are not taken", zh: "不接受压缩的请求体" },
    remedy: { en: "Send the body without Content-Encoding.", zh: "请去掉 Content-Encoding 后重新发送。" },
  },
  URL_MALFORMED: {
    status: 400,
    title: { en: "The URL is not valid", zh: "URL 无效" },
    remedy: { en: "Percent-encode the path as UTF-8.", zh: "请以 UTF-8 百分号编码路径。" },
  },
  ROUTE_UNKNOWN: {
    status: 404,
    title: { en: "There is nothing at this path", zh: "该路径不存在" },
    remedy: { en: "See /docs for the paths there are.", zh: "可用路径见 /docs。" },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: { en: "This path does not take that method", zh: "该路径不支持此方法" },
    remedy: { en: "Use {allowed}.", zh: "请使用 {allowed}。" },
  },
  REQUEST_INVALID: {
    status: 400,
    title: { en: "The request is not valid at: {paths}", zh: "请求在以下位置无效：{paths}" },
    remedy: { en: "Correct the named fields; /docs has their shapes.", zh: "请更正上述字段，格式见 /docs。" },
  },
  TOKEN_MISSING: {
    status: 401,
    title: { en: "A token is needed", zh: "缺少令牌" },
    remedy: {
      en: "Send the header Authorization: Bearer with a token of this relayer.",
      zh: "请在 Authorization: Bearer 请求头中提供本中继的令牌。",
    },
  },
  TOKEN_INVALID: {
    status: 401,
    title: { en: "The token is unknown or revoked", zh: "令牌不存在或已吊销" },
    remedy: { en: "Ask the administrator of this relayer for a token.", zh: "请向本中继的管理员申请令牌。" },
  },
  ROLE_FORBIDDEN: {
    status: 403,
    title: { en: "The role {role} may not do this", zh: "角色 {role} 无权执行此操作" },
    remedy: { en: "Use a token with one of the roles: {allowed}.", zh: "请使用具有以下角色之一的令牌：{allowed}。" },
  },
  RATE_LIMITED: {
    status: 429,
    title: { en: "Too many requests", zh: "请求过于频繁" },
    remedy: { en: "Wait {seconds} seconds and try again.", zh: "请等待 {seconds} 秒后重试。" },
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: { en: "The Idempotency-Key is not valid", zh: "Idempotency-Key 无效" },
    remedy: {
      en: "Use 1 to 128 letters, digits, dots, dashes or underscores; a random UUID is best.",
      zh: "请使用 1 至 128 个字母、数字、点、横线或下划线，建议使用随机 UUID。",
    },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: { en: "This Idempotency-Key was used for another request", zh: "该 Idempotency-Key 已用于其他请求" },
    remedy: {
      en: "Use a new key for a new request, and the same key only to repeat the same request.",
      zh: "新请求请使用新的键；仅在重发同一请求时使用同一键。",
    },
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    title: {
      en: "The first request with this Idempotency-Key is still being answered",
      zh: "使用该 Idempotency-Key 的首个请求仍在处理",
    },
    remedy: { en: "Wait a moment and send the same request again.", zh: "请稍后重发同一请求。" },
  },
});
