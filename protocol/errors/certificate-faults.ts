import { defineFaults } from "./descriptor.ts";

export const certificateFaults = defineFaults({
  CERTIFICATE_MALFORMED: {
    status: 400,
    title: { en: "Not an X.509 certificate as it must be: {part}", zh: "X.509 证书不符合要求：{part}" },
    remedy: {
      en: "Send the DER encoding of a version 3 certificate signed by SM2 with SM3 (GM/T 0015), unchanged.",
      zh: "请原样提供以 SM2-with-SM3 签名的第 3 版 X.509 证书（GM/T 0015）的 DER 编码。",
    },
  },
  CERTIFICATE_KEY_INVALID: {
    status: 400,
    title: {
      en: "The key of certificate {serial} is not a point of the SM2 curve",
      zh: "证书 {serial} 的公钥不是 SM2 曲线上的点",
    },
    remedy: {
      en: "Have a certificate issued for an SM2 key (curve 1.2.156.10197.1.301, uncompressed).",
      zh: "请为 SM2 密钥（曲线 1.2.156.10197.1.301，未压缩点）申请证书。",
    },
  },
  CERTIFICATE_NOT_YET_VALID: {
    status: 403,
    title: { en: "Certificate {serial} is valid from {notBefore} on", zh: "证书 {serial} 自 {notBefore} 起方才有效" },
    remedy: {
      en: "Wait until then, use the earlier certificate, or check the clock of this machine.",
      zh: "请等待生效、使用之前的证书，或检查本机时钟。",
    },
  },
  CERTIFICATE_EXPIRED: {
    status: 403,
    title: { en: "Certificate {serial} was valid until {notAfter}", zh: "证书 {serial} 已于 {notAfter} 到期" },
    remedy: {
      en: "Renew the certificate and record its digest on chain; both are accepted while they overlap.",
      zh: "请更新证书并将其摘要登记上链；重叠期内新旧证书均可使用。",
    },
  },
  CERTIFICATE_ISSUER_UNKNOWN: {
    status: 403,
    title: {
      en: "No authority of the trust list issued certificate {serial}",
      zh: "证书 {serial} 的签发机构不在信任列表中",
    },
    remedy: {
      en: "Use a certificate of the Association or of another authority that the trust list names.",
      zh: "请使用协会或信任列表所列其他机构签发的证书。",
    },
  },
  CERTIFICATE_SIGNATURE_INVALID: {
    status: 403,
    title: {
      en: "The issuer's signature on certificate {serial} does not hold",
      zh: "证书 {serial} 上的签发机构签名不成立",
    },
    remedy: {
      en: "The certificate was changed or forged. Obtain it again from its owner and report it if it stays so.",
      zh: "证书被改动或伪造；请向持有人重新获取，若仍如此请上报。",
    },
  },
  CERTIFICATE_REVOKED: {
    status: 403,
    title: { en: "Certificate {serial} was revoked: {reason}", zh: "证书 {serial} 已被吊销：{reason}" },
    remedy: {
      en: "Its owner needs a new key and a new certificate from the authority.",
      zh: "持有人须更换密钥并向签发机构申请新证书。",
    },
  },
  CERTIFICATE_USAGE_WRONG: {
    status: 403,
    title: { en: "Certificate {serial} is not for {usage}", zh: "证书 {serial} 不得用于 {usage}" },
    remedy: {
      en: "Use a certificate whose key usage names it; an authority's certificate is not a member's.",
      zh: "请使用密钥用途包含该项的证书；机构证书不得作为成员证书。",
    },
  },
  CERTIFICATE_NOT_CA: {
    status: 403,
    title: {
      en: "Certificate {serial} of the trust list may not issue certificates",
      zh: "信任列表中的证书 {serial} 无权签发证书",
    },
    remedy: {
      en: "List a certificate with CA in its basic constraints and keyCertSign in its key usage.",
      zh: "请列入基本约束为 CA 且密钥用途含 keyCertSign 的证书。",
    },
  },
  CERTIFICATE_REQUEST_INVALID: {
    status: 400,
    title: { en: "No certificate can be issued: {part}", zh: "无法签发证书：{part}" },
    remedy: {
      en: "Correct the named part; names have 1 to 64 characters, and a term lies within the authority's.",
      zh: "请更正所指内容；名称为 1 至 64 个字符，有效期须在签发机构有效期之内。",
    },
  },
  REVOCATION_LIST_MALFORMED: {
    status: 503,
    title: { en: "Not a revocation list as it must be: {part}", zh: "吊销列表不符合要求：{part}" },
    remedy: {
      en: "Fetch the complete version 2 list of the authority again (RFC 5280 section 5); delta and partial lists are not used.",
      zh: "请重新获取签发机构完整的第 2 版吊销列表（RFC 5280 第 5 节）；不使用增量或分段列表。",
    },
  },
  REVOCATION_LIST_MISSING: {
    status: 503,
    title: {
      en: "There is no revocation list of the issuer of certificate {serial}",
      zh: "缺少证书 {serial} 签发机构的吊销列表",
    },
    remedy: {
      en: "Fetch the authority's current list; without it nobody knows whether the certificate was revoked.",
      zh: "请获取签发机构的最新吊销列表；否则无法确认证书是否已被吊销。",
    },
  },
  REVOCATION_LIST_STALE: {
    status: 503,
    title: {
      en: "The revocation list is for {thisUpdate} to {nextUpdate}, not for now",
      zh: "吊销列表适用于 {thisUpdate} 至 {nextUpdate}，当前不在此期间",
    },
    remedy: {
      en: "Fetch the authority's current list, and check the clock of this machine.",
      zh: "请获取签发机构的最新吊销列表，并检查本机时钟。",
    },
  },
  REVOCATION_LIST_SIGNATURE_INVALID: {
    status: 503,
    title: {
      en: "The authority's signature on its revocation list does not hold",
      zh: "吊销列表上的签发机构签名不成立",
    },
    remedy: {
      en: "The list was changed or forged. Fetch it again from the authority itself.",
      zh: "列表被改动或伪造；请向签发机构重新获取。",
    },
  },
});
