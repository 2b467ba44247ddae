import { defineFaults } from "./descriptor.ts";

export const networkFaults = defineFaults({
  PORT_TAKEN: {
    status: 500,
    title: { en: "Port {port} for {service} is taken", zh: "{service} 的端口 {port} 已被占用" },
    remedy: {
      en: "Stop the program that listens on it, or choose another port.",
      zh: "请停止占用该端口的程序，或改用其他端口。",
    },
  },
  POSTGRES_ACCOUNT_MISSING: {
    status: 500,
    title: {
      en: "PostgreSQL cannot run as root, and there is no account postgres or nobody to run it as",
      zh: "PostgreSQL 不能以 root 运行，且本机没有 postgres 或 nobody 账户",
    },
    remedy: {
      en: "Start as an ordinary user, create an account named postgres, or set DATABASE_URL to a server of yours.",
      zh: "请以普通用户启动，或创建 postgres 账户，或将 DATABASE_URL 指向已有数据库。",
    },
  },
  POSTGRES_UNREACHABLE: {
    status: 500,
    title: {
      en: "There is no directory that the account {account} can reach for PostgreSQL's files",
      zh: "账户 {account} 找不到可访问的目录存放 PostgreSQL 文件",
    },
    remedy: {
      en: "Make /var/tmp or the directory in TMPDIR enterable for that account, or start as an ordinary user.",
      zh: "请使该账户可进入 /var/tmp 或 TMPDIR 所指目录，或以普通用户启动。",
    },
  },
  POSTGRES_UNRUNNABLE: {
    status: 500,
    title: {
      en: "The PostgreSQL programs for {platform} do not run on this machine",
      zh: "适用于 {platform} 的 PostgreSQL 程序无法在本机运行",
    },
    remedy: {
      en: "Set DATABASE_URL to a PostgreSQL server of yours. A mount with noexec is a common cause.",
      zh: "请将 DATABASE_URL 指向已有数据库。常见原因是挂载选项为 noexec。",
    },
  },
  POSTGRES_BINARIES_MISSING: {
    status: 500,
    title: { en: "npm brought no PostgreSQL for {platform}", zh: "npm 未安装适用于 {platform} 的 PostgreSQL" },
    remedy: {
      en: "Install the dependencies again without --omit=optional, or set DATABASE_URL to a server of yours.",
      zh: "请重新安装依赖（不要使用 --omit=optional），或将 DATABASE_URL 指向已有数据库。",
    },
  },
  POSTGRES_FAILED: {
    status: 500,
    title: { en: "PostgreSQL did not start: {reason}", zh: "PostgreSQL 未能启动：{reason}" },
    remedy: {
      en: "See postgres.log in the data directory; starting with --fresh makes a new, empty database.",
      zh: "请查看数据目录中的 postgres.log；使用 --fresh 可建立新的空数据库。",
    },
  },
  POSTGRES_IN_USE: {
    status: 500,
    title: {
      en: "The database in {directory} is in use by process {pid}",
      zh: "目录 {directory} 中的数据库正被进程 {pid} 使用",
    },
    remedy: {
      en: "Stop that program first, or use another data directory.",
      zh: "请先停止该程序，或使用其他数据目录。",
    },
  },
  NETWORK_IN_USE: {
    status: 500,
    title: {
      en: "The network in {directory} is running already, as process {pid}",
      zh: "目录 {directory} 中的网络正在运行，进程号 {pid}",
    },
    remedy: {
      en: "Stop it with Ctrl-C, or start a second network with other --state-dir and --port-base.",
      zh: "请用 Ctrl-C 停止，或以不同的 --state-dir 与 --port-base 启动另一个网络。",
    },
  },
  STATE_DIRECTORY_UNUSABLE: {
    status: 500,
    title: { en: "Nothing can be kept in {directory}: {reason}", zh: "无法在 {directory} 中保存数据：{reason}" },
    remedy: {
      en: "Change its owner or permissions, or name another with --state-dir or RISKVEIL_STATE_DIR.",
      zh: "请修改其属主或权限，或用 --state-dir 或 RISKVEIL_STATE_DIR 指定其他目录。",
    },
  },
  LEDGER_OF_ANOTHER_NETWORK: {
    status: 500,
    title: {
      en: "The chain is not the one that the databases belong to ({file})",
      zh: "当前区块链与数据库所属的账本不一致（{file}）",
    },
    remedy: {
      en: "Put the chain's copies back, or start with --fresh, which forgets the databases too.",
      zh: "请恢复区块链的备份，或使用 --fresh 重新开始（数据库也将清空）。",
    },
  },
  NETWORK_OPTION_INVALID: {
    status: 400,
    title: { en: "{option} is not valid: {reason}", zh: "{option} 无效：{reason}" },
    remedy: { en: "See npm start -- --help.", zh: "请参阅 npm start -- --help。" },
  },
  NETWORK_PORTS_TAKEN: {
    status: 500,
    title: { en: "Taken already: {ports}", zh: "端口已被占用：{ports}" },
    remedy: {
      en: "Stop what listens there, move the whole network with --port-base or RISKVEIL_PORT_BASE, or set the variable named.",
      zh: "请停止占用端口的程序，或用 --port-base 或 RISKVEIL_PORT_BASE 整体改用其他端口，或设置所列变量。",
    },
  },
  RELAYER_ENDED: {
    status: 500,
    title: { en: "The relayer of {name} ended by itself ({how})", zh: "{name} 的中继自行退出（{how}）" },
    remedy: { en: "Its last lines are in {log}.", zh: "最后的日志见 {log}。" },
  },
  RELAYER_NOT_READY: {
    status: 500,
    title: { en: "The relayer of {name} is not ready after {seconds} s", zh: "{name} 的中继在 {seconds} 秒后仍未就绪" },
    remedy: { en: "Its log is {log}.", zh: "日志见 {log}。" },
  },
  MEMBER_API_REFUSED: {
    status: 500,
    title: {
      en: "{name} answered {method} {path} with {status} {code}",
      zh: "{name} 对 {method} {path} 的应答为 {status} {code}",
    },
    remedy: { en: "{detail}", zh: "{detail}" },
  },
  WORK_UNFINISHED: {
    status: 500,
    title: { en: "{name}: {work} did not finish in {seconds} s", zh: "{name}：{work} 在 {seconds} 秒内未完成" },
    remedy: { en: "See that relayer's log.", zh: "请查看该中继的日志。" },
  },
  WORK_FAILED: {
    status: 500,
    title: { en: "{name}: {work} failed: {reason}", zh: "{name}：{work} 失败：{reason}" },
    remedy: { en: "See that relayer's log.", zh: "请查看该中继的日志。" },
  },
  STORY_CONTRADICTED: {
    status: 500,
    title: { en: "The answer is not what the sample data says: {reason}", zh: "应答与样例数据不符：{reason}" },
    remedy: {
      en: "Start with --fresh; if it persists, it is a defect: report it.",
      zh: "请使用 --fresh 重新启动；若仍出现，请作为缺陷报告。",
    },
  },
});
