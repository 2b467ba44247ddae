/** The one table of settings: the parser and the configuration table of the documentation are made from it. */
import { z } from "zod";

export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly variable: string;
  readonly schema: T;
  /** As it would be written in the environment. Absent: the variable must be given, unless `optional`. */
  readonly default?: string;
  readonly optional?: true;
  readonly meaning: { readonly en: string; readonly zh: string };
}

function setting<T extends z.ZodType>(entry: Setting<T>): Setting<T> {
  return entry;
}

const path = z.string().min(1);
const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port, 0 to 65535")
  .transform(Number)
  .pipe(z.number().max(65_535));
const milliseconds = z
  .string()
  .regex(/^\d{1,9}$/, "must be milliseconds, 10 to 999999999")
  .transform(Number)
  .pipe(z.number().min(10));

function url(...protocols: readonly string[]): z.ZodString {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL with ${protocols.join(" or ")}`,
  });
}

export const settings = {
  name: setting({
    variable: "RISKVEIL_NAME",
    schema: z.string().min(1).max(64),
    meaning: { en: "Name of this member, for logs and pages", zh: "成员名称，用于日志与页面" },
  }),
  databaseUrl: setting({
    variable: "DATABASE_URL",
    schema: url("postgres:", "postgresql:"),
    meaning: { en: "PostgreSQL database of this relayer alone", zh: "本中继专用的 PostgreSQL 数据库" },
  }),
  redisUrl: setting({
    variable: "REDIS_URL",
    schema: url("redis:", "rediss:"),
    optional: true,
    meaning: {
      en: "Redis for the job queue (append-only file on, policy noeviction); PostgreSQL is used when absent",
      zh: "任务队列所用 Redis（须开启 AOF，淘汰策略为 noeviction）；不设置时使用 PostgreSQL",
    },
  }),
  rpcUrl: setting({
    variable: "RISKVEIL_RPC_URL",
    schema: url("http:", "https:"),
    default: "http://127.0.0.1:8545",
    meaning: { en: "JSON-RPC of the chain", zh: "区块链节点的 JSON-RPC 地址" },
  }),
  deploymentFile: setting({
    variable: "RISKVEIL_DEPLOYMENT",
    schema: path,
    meaning: { en: "File with the deployed contracts' addresses", zh: "合约部署地址文件" },
  }),
  dataDir: setting({
    variable: "RISKVEIL_DATA_DIR",
    schema: path,
    meaning: { en: "Directory of published and mirrored tables", zh: "已发布与已镜像数据表的目录" },
  }),
  keyDir: setting({
    variable: "RISKVEIL_KEY_DIR",
    schema: path,
    meaning: {
      en: "Directory of the keys, readable by the relayer's account only; back it up apart from the database",
      zh: "密钥目录，仅中继账户可读；请与数据库分开备份",
    },
  }),
  certificateFile: setting({
    variable: "RISKVEIL_CERTIFICATE",
    schema: path,
    meaning: {
      en: "This member's SM2 certificate (PEM), looked at again when it changes; of several in it, the last that stands on chain counts",
      zh: "本成员的 SM2 证书文件（PEM），变更后自动重新读取；含多张时以最后一张已在链上登记者为准",
    },
  }),
  trustDir: setting({
    variable: "RISKVEIL_TRUST_DIR",
    schema: path,
    meaning: {
      en: "Directory of the trusted authorities' certificates and revocation lists (*.pem), looked at again when it changes",
      zh: "受信任 CA 证书与吊销列表（*.pem）所在目录，变更后自动重新读取",
    },
  }),
  memberPort: setting({
    variable: "RISKVEIL_MEMBER_PORT",
    schema: port,
    default: "8600",
    meaning: {
      en: "Port of the member API, for the firm's own staff and systems",
      zh: "成员接口端口，供本机构人员与系统使用",
    },
  }),
  peerPort: setting({
    variable: "RISKVEIL_PEER_PORT",
    schema: port,
    default: "8700",
    meaning: { en: "Port of the peer API, for the other members' relayers", zh: "对等接口端口，供其他成员的中继访问" },
  }),
  bind: setting({
    variable: "RISKVEIL_BIND",
    schema: z.union([z.ipv4(), z.ipv6()], { error: "must be an IP address" }),
    default: "127.0.0.1",
    meaning: { en: "Address to listen on; TLS ends in a proxy before it", zh: "监听地址；TLS 由前置代理终止" },
  }),
  logLevel: setting({
    variable: "RISKVEIL_LOG_LEVEL",
    schema: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    default: "info",
    meaning: { en: "Least level that is logged", zh: "日志级别" },
  }),
  suite: setting({
    variable: "RISKVEIL_SUITE",
    schema: z.enum(["1", "2"]).transform((text) => (text === "1" ? 1 : 2)),
    default: "1",
    meaning: {
      en: "Sealing suite of new tables: 1 AES-256-GCM, 2 SM4 with HMAC-SM3 (both over ristretto255)",
      zh: "新数据表的封装套件：1 为 AES-256-GCM，2 为 SM4 加 HMAC-SM3（均基于 ristretto255）",
    },
  }),
  ratingModelFile: setting({
    variable: "RISKVEIL_RATING_MODEL",
    schema: path,
    optional: true,
    meaning: {
      en: "JSON file with this firm's rating model; the standard model when absent",
      zh: "本机构评级模型的 JSON 文件；不设置时使用标准模型",
    },
  }),
  anchorWindowMs: setting({
    variable: "RISKVEIL_ANCHOR_WINDOW_MS",
    schema: milliseconds,
    default: "60000",
    meaning: {
      en: "Queries' leaves are anchored once in this window, in padded batches",
      zh: "查询叶子按此时间窗口批量上链",
    },
  }),
  settleWindowMs: setting({
    variable: "RISKVEIL_SETTLE_WINDOW_MS",
    schema: milliseconds,
    default: "60000",
    meaning: { en: "Answered evaluations are settled once in this window", zh: "已应答的计算按此时间窗口结算" },
  }),
  auditWindowMs: setting({
    variable: "RISKVEIL_AUDIT_WINDOW_MS",
    schema: milliseconds.pipe(z.number().max(86_400_000, "must be a day at most")),
    default: "60000",
    meaning: {
      en: "The audit log's head is anchored once in this window, whether or not anything happened; a day at most",
      zh: "审计日志摘要按此时间窗口上链，无论期间有无操作；最长一天",
    },
  }),
  algorithmNode: setting({
    variable: "RISKVEIL_ALGORITHM_NODE",
    schema: z.enum(["auto", "off"]),
    default: "auto",
    meaning: {
      en: "auto: takes the part of an algorithm node in what the chain names this member for; off: stays out; shares that something uses stay where they are",
      zh: "auto：链上指定本成员为算法节点时自动履行节点职责；off：不参与；仍被使用的密钥份额原样保留",
    },
  }),
  nodeHeartbeatMs: setting({
    variable: "RISKVEIL_NODE_HEARTBEAT_MS",
    schema: milliseconds,
    default: "3600000",
    meaning: {
      en: "An algorithm node reports on chain once in this window that it is there",
      zh: "算法节点按此时间窗口在链上报告运行状态",
    },
  }),
};
