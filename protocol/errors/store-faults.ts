import { defineFaults } from "./descriptor.ts";

export const storeFaults = defineFaults({
  CONFIG_INVALID: {
    status: 500,
    title: { en: "The configuration is not valid: {variables}", zh: "配置无效：{variables}" },
    remedy: {
      en: "Correct these environment variables; the configuration table in the documentation says what each may hold.",
      zh: "请更正上述环境变量，取值范围见文档中的配置表。",
    },
  },
  COLUMN_NOT_AUTHENTIC: {
    status: 500,
    title: {
      en: "A stored value was altered, moved, or sealed under another key",
      zh: "存储的数据被篡改、移位，或由其他密钥加密",
    },
    remedy: {
      en: "Check that RISKVEIL_KEY_DIR belongs to this database; if it does, restore the database from a backup.",
      zh: "请确认 RISKVEIL_KEY_DIR 与数据库相符；若相符，请从备份恢复数据库。",
    },
  },
  KEY_FILE_INVALID: {
    status: 500,
    title: { en: "The key file {file} is not valid", zh: "密钥文件 {file} 无效" },
    remedy: {
      en: "Restore the file from a backup of the key directory. Never make a new one: data sealed under the old would be lost.",
      zh: "请从密钥目录的备份恢复该文件，切勿新建，否则原加密数据将无法读取。",
    },
  },
  KEY_FILE_EXPOSED: {
    status: 500,
    title: { en: "The key file {file} can be read by other accounts", zh: "密钥文件 {file} 可被其他账户读取" },
    remedy: {
      en: "Take the rights away (chmod 600) and consider whether the key was read by someone.",
      zh: "请收回权限（chmod 600），并评估密钥是否已泄露。",
    },
  },
  EPOCH_KEY_DESTROYED: {
    status: 410,
    title: {
      en: "The key of dataset {dataset} in epoch {epoch} was destroyed",
      zh: "数据集 {dataset} 第 {epoch} 期的密钥已销毁",
    },
    remedy: { en: "This is for good. Query the current epoch instead.", zh: "密钥销毁不可恢复，请查询当前周期。" },
  },
  AUDIT_ANCHOR_MISMATCH: {
    status: 500,
    title: {
      en: "The audit log is not the one that was anchored on chain as number {number}",
      zh: "审计日志与链上第 {number} 号存证不符",
    },
    remedy: {
      en: "It was rewritten, or the database is an older copy: compare it with a backup of the time of that anchor.",
      zh: "日志可能被改写，或数据库为较早的副本：请与该存证时点的备份核对。",
    },
  },
  AUDIT_LOG_BROKEN: {
    status: 500,
    title: { en: "The audit log does not hold together at entry {sequence}", zh: "审计日志在第 {sequence} 条处不连续" },
    remedy: {
      en: "An entry was changed, removed or inserted. Compare with what was anchored on chain, and report it.",
      zh: "日志条目被修改、删除或插入。请与链上存证比对并上报。",
    },
  },
  TOKEN_UNKNOWN: {
    status: 404,
    title: { en: "There is no token {id}", zh: "不存在令牌 {id}" },
    remedy: { en: "List the tokens and take an id from the list.", zh: "请列出令牌并使用其中的编号。" },
  },
});
