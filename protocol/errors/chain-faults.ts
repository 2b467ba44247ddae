import { defineFaults } from "./descriptor.ts";

export const chainFaults = defineFaults({
  DEPLOYMENT_UNREADABLE: {
    status: 500,
    title: { en: "The deployment file {file} is missing or not valid", zh: "部署文件 {file} 不存在或无效" },
    remedy: {
      en: "Set RISKVEIL_DEPLOYMENT to the file that the deployment wrote, or deploy the platform. On the demo network run npm start first, and give its RISKVEIL_STATE_DIR if it is not the default.",
      zh: "请将 RISKVEIL_DEPLOYMENT 指向部署时生成的文件，或部署平台。使用演示网络时请先运行 npm start；如未使用默认目录，请设置其 RISKVEIL_STATE_DIR。",
    },
  },
  DEPLOYMENT_CHANGED: {
    status: 500,
    title: {
      en: "The platform on this chain is not the one that this relayer's database belongs to",
      zh: "链上的平台与本中继数据库所属的平台不一致",
    },
    remedy: {
      en: "Use the deployment file and the chain that the database was made with, or start with an empty database.",
      zh: "请使用该数据库对应的部署文件和区块链，或改用空数据库启动。",
    },
  },
  CHAIN_UNREACHABLE: {
    status: 503,
    title: { en: "The chain does not answer", zh: "区块链节点无响应" },
    remedy: {
      en: "Check the node behind RISKVEIL_RPC_URL. What was accepted is stored and is sent when the node is back.",
      zh: "请检查 RISKVEIL_RPC_URL 所指节点。已受理的操作均已保存，节点恢复后自动发送。",
    },
  },
  CHAIN_BINARY_MISSING: {
    status: 500,
    title: { en: "npm brought no local chain for {platform}", zh: "npm 未安装适用于 {platform} 的本地链程序" },
    remedy: {
      en: "Install the dependencies again without --omit=optional, or set RISKVEIL_RPC_URL to a chain of yours.",
      zh: "请重新安装依赖（不要使用 --omit=optional），或将 RISKVEIL_RPC_URL 指向已有的链。",
    },
  },
  CHAIN_FAILED: {
    status: 500,
    title: { en: "The local chain did not start: {reason}", zh: "本地链未能启动：{reason}" },
    remedy: {
      en: "See anvil.log in the chain's state directory; starting with --fresh makes a new, empty ledger.",
      zh: "请查看链状态目录中的 anvil.log；使用 --fresh 可建立新的空账本。",
    },
  },
  CHAIN_IN_USE: {
    status: 500,
    title: {
      en: "The ledger in {directory} is in use by process {pid}",
      zh: "目录 {directory} 中的账本正被进程 {pid} 使用",
    },
    remedy: {
      en: "Stop that program first, or use another state directory.",
      zh: "请先停止该程序，或使用其他状态目录。",
    },
  },
  LEDGER_UNREADABLE: {
    status: 500,
    title: { en: "No copy of the ledger in {directory} can be read", zh: "目录 {directory} 中的账本副本均无法读取" },
    remedy: {
      en: "Put a good copy back from a backup, or start with --fresh: the old ledger is then forgotten.",
      zh: "请从备份恢复完好的副本，或使用 --fresh 启动（原账本将被清除）。",
    },
  },
  CONTRACTS_NOT_BUILT: {
    status: 500,
    title: { en: "The contracts are not compiled", zh: "合约尚未编译" },
    remedy: { en: "Run `npx hardhat build`, then start again.", zh: "请先运行 `npx hardhat build`，然后重新启动。" },
  },
  DEPLOYMENT_FAILED: {
    status: 500,
    title: { en: "The contracts could not be deployed: {reason}", zh: "合约部署失败：{reason}" },
    remedy: {
      en: "Run it again: it goes on where it stopped. If it fails the same way, start with --fresh.",
      zh: "请重新运行，将从中断处继续；若仍以同样方式失败，请使用 --fresh 启动。",
    },
  },
  MEMBER_NAME_DIFFERS: {
    status: 409,
    title: { en: "The operator of {name} already acts for {registered}", zh: "{name} 的操作账户已代表 {registered}" },
    remedy: {
      en: "An account serves one member, ever: use a new operator key for a new member.",
      zh: "一个账户只能代表一个成员；新成员请使用新的操作密钥。",
    },
  },
  CHAIN_WRONG: {
    status: 500,
    title: {
      en: "The node serves chain {actual}, the deployment is on chain {expected}",
      zh: "节点所属链为 {actual}，部署所在链为 {expected}",
    },
    remedy: {
      en: "Point RISKVEIL_RPC_URL at a node of the deployment's chain, or use that chain's deployment file.",
      zh: "请将 RISKVEIL_RPC_URL 指向部署所在链的节点，或更换为该链的部署文件。",
    },
  },
  CHAIN_REVERTED: {
    status: 409,
    title: { en: "The contract refused the call: {error}", zh: "合约拒绝了该操作：{error}" },
    remedy: {
      en: "The values say which rule was broken. Correct the request and try again.",
      zh: "请根据所列数值判断违反的规则，更正后重试。",
    },
  },
  TRANSACTION_NOT_TAKEN: {
    status: 502,
    title: { en: "The chain's node does not take the transaction: {reason}", zh: "区块链节点不接受该交易：{reason}" },
    remedy: {
      en: "Its nonce was used up so that others can pass. Check the node's limits (gas, size, fees) and do the operation again.",
      zh: "其交易序号已作废，不影响后续交易。请检查节点的限制（燃料、大小、费用）后重新办理。",
    },
  },
  PLATFORM_FROZEN: {
    status: 503,
    title: { en: "The platform is frozen", zh: "平台已被紧急冻结" },
    remedy: {
      en: "Nothing is lost and no deadline passes while it is frozen; the operation goes on when the Association unfreezes it.",
      zh: "冻结期间数据不丢失、期限不流逝；协会解除冻结后自动继续。",
    },
  },
  MEMBER_NOT_ACTIVE: {
    status: 403,
    title: { en: "Member {member} is not active", zh: "成员 {member} 当前不是有效成员" },
    remedy: {
      en: "Ask the Association about the member's admission or suspension.",
      zh: "请向协会了解该成员的准入或暂停情况。",
    },
  },
  MEMBER_UNKNOWN: {
    status: 404,
    title: { en: "There is no member {member}", zh: "不存在成员 {member}" },
    remedy: { en: "List the members and use one of their numbers.", zh: "请查询成员列表后使用其中的编号。" },
  },
  OPERATOR_WITHOUT_MEMBER: {
    status: 403,
    title: { en: "Account {operator} acts for no member", zh: "账户 {operator} 未代表任何成员" },
    remedy: {
      en: "Apply for membership with this account, or have a member nominate it.",
      zh: "请使用该账户申请入会，或由成员提名该账户。",
    },
  },
  DATASET_UNKNOWN: {
    status: 404,
    title: { en: "There is no dataset {dataset}", zh: "不存在数据集 {dataset}" },
    remedy: { en: "List the datasets and use one of their ids.", zh: "请查询数据集列表后使用其中的编号。" },
  },
  OUTBOX_KEY_CONFLICT: {
    status: 409,
    title: {
      en: "The idempotency key {key} is already used by another chain operation",
      zh: "幂等键 {key} 已被另一项链上操作使用",
    },
    remedy: {
      en: "Use a new key for a new operation; repeat an operation with exactly its first content.",
      zh: "新操作请使用新键；重复操作须与首次内容完全一致。",
    },
  },
  OUTBOX_WAIT_TIMEOUT: {
    status: 504,
    title: { en: "Operation {key} is stored but not on chain yet", zh: "操作 {key} 已保存，但尚未上链" },
    remedy: {
      en: "Nothing is lost: it is sent until it is mined. Look again later.",
      zh: "操作不会丢失，系统将持续发送直至上链，请稍后查看。",
    },
  },
});
