import { defineFaults } from "./descriptor.ts";

export const identityFaults = defineFaults({
  IDENTITY_CERTIFICATE_MISSING: {
    status: 500,
    title: { en: "There is no certificate in {file}", zh: "{file} 中没有证书" },
    remedy: {
      en: "Put the member's SM2 certificate there (PEM), or set RISKVEIL_CERTIFICATE to the file that holds it.",
      zh: "请将本成员的 SM2 证书（PEM）放入该文件，或将 RISKVEIL_CERTIFICATE 指向证书文件。",
    },
  },
  IDENTITY_KEY_MISSING: {
    status: 500,
    title: {
      en: "The key directory has no key of a certificate in {file}",
      zh: "密钥目录中没有 {file} 内证书对应的密钥",
    },
    remedy: {
      en: "Restore the SM2 key from its backup, or have a certificate issued for a key that is there (identity list).",
      zh: "请从备份恢复 SM2 密钥，或为现有密钥（identity list）申请证书。",
    },
  },
  IDENTITY_NOT_REGISTERED: {
    status: 500,
    title: {
      en: "No certificate in {file} stands on chain for member {member}",
      zh: "{file} 中没有一张证书在链上登记于成员 {member} 名下",
    },
    remedy: {
      en: "Have the Association record the certificate (certifyKey); the relayer takes it up by itself.",
      zh: "请由协会在链上登记该证书（certifyKey），中继将自动启用。",
    },
  },
  TRUST_FILE_UNUSABLE: {
    status: 500,
    title: {
      en: "{file} holds no certificate or revocation list that can be read",
      zh: "{file} 中没有可读取的证书或吊销列表",
    },
    remedy: {
      en: "Each *.pem of RISKVEIL_TRUST_DIR holds certificates of authorities or their revocation lists. Put a whole one in its place.",
      zh: "RISKVEIL_TRUST_DIR 中的每个 *.pem 须为 CA 证书或其吊销列表，请替换为完整文件。",
    },
  },
  TRUST_LIST_EMPTY: {
    status: 500,
    title: { en: "{directory} holds no authority's certificate", zh: "{directory} 中没有 CA 证书" },
    remedy: {
      en: "Put the Association's root certificate and its revocation list there (PEM), or correct RISKVEIL_TRUST_DIR.",
      zh: "请放入协会根证书及其吊销列表（PEM），或更正 RISKVEIL_TRUST_DIR。",
    },
  },
});
