/**
 * What the contracts' custom errors say, in words: the reason behind Fault CHAIN_REVERTED, whose `error` names one. `{name}` is
 * replaced by the error's value of that name. Errors that only relayers meet (sessions, vouchers, settlements) have faults of their own.
 */
import { computationRefusals } from "./computation-refusals.ts";
import type { Language } from "./fault.ts";

type Refusal = Readonly<Record<Language, string>>;

const refusals = {
  ...computationRefusals,
  AccessControlUnauthorizedAccount: {
    en: "account {account} is not one of the Association's staff",
    zh: "账户 {account} 不是协会工作人员",
  },
  AccessManagedUnauthorized: {
    en: "account {caller} does not have the role that this function asks for",
    zh: "账户 {caller} 没有该函数所需的角色",
  },
  AccessManagerBadConfirmation: { en: "only the holder itself gives up a role", zh: "角色只能由持有人本人放弃" },
  AccessManagerLockedRole: { en: "role {roleId} is locked", zh: "角色 {roleId} 已锁定" },
  AccessManagerUnauthorizedAccount: {
    en: "account {msgsender} does not hold role {roleId}",
    zh: "账户 {msgsender} 未持有角色 {roleId}",
  },
  AuthorityFixed: { en: "the authority of a contract never changes", zh: "合约的授权中心不可更换" },
  AuthorityStaffAlready: {
    en: "{account} is one of the staff already: each of the three is another account",
    zh: "{account} 已是工作人员：三人须使用不同账户",
  },
  AuthorityStaffAndAdmin: {
    en: "{account} cannot be both one of the staff and an admin",
    zh: "{account} 不能同时为工作人员和管理员",
  },
  AuthorityLastAdmin: {
    en: "{account} is the last holder of the admin role: nobody could govern any more",
    zh: "{account} 是最后一个管理员角色持有者，移除后平台将无法治理",
  },
  CategoryAlreadyDefined: { en: "the category is defined already", zh: "该数据类别已定义" },
  CategoryCatalogueFull: {
    en: "the catalogue has {maximum} categories, and no more",
    zh: "数据目录已满（{maximum} 类）",
  },
  CategoryOwnersInvalid: {
    en: "the owners are none, or name what is no kind of member",
    zh: "数据类别的归属为空，或包含不存在的成员类型",
  },
  CategoryUnknown: { en: "there is no such category", zh: "不存在该数据类别" },
  ChangeCheckFailed: {
    en: "the platform is not in order after the change ({finding}); nothing was changed",
    zh: "变更后检查未通过（{finding}），未作任何变更",
  },
  ChangeInitializationInvalid: {
    en: "the initialization would change the implementation once more",
    zh: "初始化调用会再次更换实现合约",
  },
  ChangeEmpty: { en: "the change names no contract", zh: "变更未列明任何合约" },
  ChangeNotReversible: {
    en: "version {version} cannot be taken back: it is the first, was declared irreversible, or was taken back already",
    zh: "版本 {version} 不能撤回：它是首个版本、已声明不可逆，或已撤回",
  },
  ChangeProbationOver: { en: "the week in which a change can be taken back is over", zh: "变更的撤回期（七日）已过" },
  ContractInvalid: { en: "there is no contract at {account}", zh: "地址 {account} 上没有合约" },
  ContractNameTaken: { en: "the directory has this name already", zh: "合约目录中已有该名称" },
  ContractRegisteredAs: {
    en: "{proxy} stands in the directory already, under another name",
    zh: "{proxy} 已以其他名称登记在合约目录中",
  },
  ContractUnknown: { en: "the directory has no such contract", zh: "合约目录中没有该合约" },
  ContractVersionUnknown: { en: "there is no version {version}", zh: "不存在版本 {version}" },
  CouncilAlreadyVoted: {
    en: "member {member} has said so already, and a word is given once",
    zh: "成员 {member} 已表态，每项操作只能表态一次",
  },
  CouncilApproved: {
    en: "two thirds of the council approved the operation: it cannot be objected to any more",
    zh: "理事会已有三分之二席位批准该操作，不能再提异议",
  },
  CouncilFreezeNotOverdue: {
    en: "nothing is frozen, or the announced end of the freeze has not passed",
    zh: "当前未冻结，或公告的冻结截止时间尚未到",
  },
  CouncilMemberNotEligible: {
    en: "member {member} is not an active firm: only firms sit on the council",
    zh: "成员 {member} 不是有效的经营机构，只有经营机构可在理事会任职",
  },
  CouncilNotApproved: {
    en: "{approvals} of the {needed} approvals that are needed are there",
    zh: "已有 {approvals} 项批准，需要 {needed} 项",
  },
  CouncilSeatHeld: { en: "member {member} has a seat already", zh: "成员 {member} 已有席位" },
  CouncilSeatNotHeld: { en: "member {member} has no seat on the council", zh: "成员 {member} 在理事会没有席位" },
  CouncilFounding: {
    en: "founding seats are claimed by firms, not given; {seats} are taken so far",
    zh: "创始席位由机构自行认领，不得授予；目前已认领 {seats} 席",
  },
  CouncilSeatsTaken: {
    en: "the {seats} founding seats are taken; further ones are given by the constitution",
    zh: "创始席位已满（{seats} 席），其余席位经章程程序授予",
  },
  CouncilSeatsTooFew: { en: "the council keeps at least {seats} seats", zh: "理事会至少保留 {seats} 个席位" },
  CouncilSeatsTooMany: { en: "the council has at most {seats} seats", zh: "理事会至多 {seats} 个席位" },
  DatasetUnknown: { en: "there is no such dataset", zh: "不存在该数据集" },
  ERC1967InvalidImplementation: {
    en: "{implementation} is no implementation that can stand behind a proxy",
    zh: "{implementation} 不能作为代理合约的实现",
  },
  ERC7913SM2VerifierInvalidPoint: { en: "the key is no point of the SM2 curve", zh: "公钥不是 SM2 曲线上的点" },
  EmergencyDurationInvalid: {
    en: "a freeze is announced for {minimum} to {maximum} seconds, not for {given}",
    zh: "冻结时长须为 {minimum} 至 {maximum} 秒，不能是 {given} 秒",
  },
  EmergencyExiting: {
    en: "the platform is being wound up: nothing is lifted any more",
    zh: "平台正在退出，不能再解除",
  },
  EmergencyNotExiting: { en: "the exit has not begun", zh: "尚未启动退出程序" },
  EmergencyNotFrozen: { en: "nothing is frozen", zh: "当前没有冻结" },
  EmergencyScopeFrozen: {
    en: "that is frozen already; going on for longer takes two of the staff",
    zh: "该范围已冻结；延长须由两名工作人员办理",
  },
  EmergencyScopeInvalid: { en: "the freeze names no part, or one that does not exist", zh: "冻结范围为空或不存在" },
  EndpointInvalid: {
    en: "the endpoint is no http or https URL of at most 200 visible characters",
    zh: "接入地址须为不超过 200 个可见字符的 http 或 https 网址",
  },
  ExitNotBegun: { en: "the exit has not begun", zh: "尚未启动退出程序" },
  ExitNotParty: {
    en: "member {member} is no party: it was not admitted or has left",
    zh: "成员 {member} 未准入或已退出，不是当事方",
  },
  ExitPlanAgreed: { en: "member {member} has agreed already", zh: "成员 {member} 已同意" },
  ExitPlanProposed: { en: "the plan was put before the parties already", zh: "该处置方案已提交" },
  ExitPlanUnknown: { en: "no such plan was put before the parties", zh: "没有提交过该处置方案" },
  IncentiveRulesInvalid: { en: "there is no contract at {rules}", zh: "地址 {rules} 上没有合约" },
  KeyAlreadyCertified: {
    en: "key {index} of member {member} is certified already: present another one",
    zh: "成员 {member} 的第 {index} 号密钥已登记证书，请提交新密钥",
  },
  KeyAlreadyOver: { en: "key {index} of member {member} has ended", zh: "成员 {member} 的第 {index} 号密钥已失效" },
  KeyCertificateMissing: {
    en: "no certificate is named for key {index} of member {member}",
    zh: "成员 {member} 的第 {index} 号密钥未附证书",
  },
  KeyInUse: {
    en: "member {member} presented this key before: keys are used once",
    zh: "该密钥已由成员 {member} 提交过，密钥只能使用一次",
  },
  KeyNotCertified: {
    en: "member {member} has no certified key that is valid now",
    zh: "成员 {member} 没有有效的已登记证书密钥",
  },
  KeyPossessionUnproven: {
    en: "the signature does not show that the account of member {member} holds the key",
    zh: "签名未能证明成员 {member} 的账户持有该密钥",
  },
  KeyUnknown: { en: "member {member} has presented no key {index}", zh: "成员 {member} 没有第 {index} 号密钥" },
  MeasuresVersionOutOfOrder: {
    en: "the next version of the measures is {expected}, not {given}",
    zh: "应急措施的下一版本号应为 {expected}，不是 {given}",
  },
  MemberDigestEmpty: { en: "the digest of the document is missing", zh: "缺少文件摘要" },
  MemberKindInvalid: { en: "there is no such kind of member", zh: "不存在该成员类型" },
  MemberNameInvalid: {
    en: "a name has 2 to 32 characters of a-z, 0-9 and -",
    zh: "名称须为 2 至 32 个字符（a-z、0-9、-）",
  },
  MemberNameTaken: { en: "the name {name} is taken", zh: "名称 {name} 已被使用" },
  MemberNotAccepted: {
    en: "the acceptance run of member {member} is not recorded",
    zh: "成员 {member} 的验收测试尚未登记",
  },
  MemberNotEntitled: { en: "members of this kind may not do that", zh: "该类型成员无此权限" },
  MemberNotReviewed: { en: "the review of member {member} is not recorded", zh: "成员 {member} 的审核尚未登记" },
  MemberStatusConflict: {
    en: "the status of member {member} is {status}, and {needed} is needed (1 applied, 2 active, 3 suspended, 4 exited)",
    zh: "成员 {member} 的状态为 {status}，需要 {needed}（1 已申请，2 有效，3 暂停，4 已退出）",
  },
  MemberUnknown: { en: "there is no member {member}", zh: "不存在成员 {member}" },
  OperatorInUse: {
    en: "account {account} serves member {member}: an account serves one member, ever",
    zh: "账户 {account} 属于成员 {member}，一个账户只能代表一个成员",
  },
  OperatorLast: {
    en: "{account} is the last operator of member {member}",
    zh: "{account} 是成员 {member} 的最后一个操作账户",
  },
  OperatorNotNominated: {
    en: "no operator in office of member {member} nominated {account}",
    zh: "成员 {member} 的在任操作账户未提名 {account}",
  },
  OperatorUnknown: { en: "account {account} acts for no member", zh: "账户 {account} 未代表任何成员" },
  ParameterOutOfRange: {
    en: "the value {value} lies outside {minimum} to {maximum}",
    zh: "数值 {value} 不在 {minimum} 至 {maximum} 范围内",
  },
  RateOutOfRange: { en: "the value {value} is above {maximum}", zh: "数值 {value} 超过上限 {maximum}" },
  RecordAlreadyClosed: { en: "record {id} is closed already", zh: "记录 {id} 已关闭" },
  RecordDigestEmpty: { en: "the digest of the document is missing", zh: "缺少文件摘要" },
  RecordFilerNotAdmitted: { en: "member {member} was not admitted or has left", zh: "成员 {member} 未准入或已退出" },
  RecordNotOwned: {
    en: "record {id} was filed by another member than {member}",
    zh: "记录 {id} 并非成员 {member} 所填报",
  },
  RecordUnknown: { en: "there is no record {id}", zh: "不存在记录 {id}" },
  TimelockDelayOutOfRange: {
    en: "a delay of {given} seconds lies outside {minimum} to {maximum}",
    zh: "延迟 {given} 秒不在 {minimum} 至 {maximum} 秒范围内",
  },
  TimelockInsufficientDelay: { en: "the delay is {minDelay} seconds at least", zh: "延迟至少为 {minDelay} 秒" },
  TimelockInvalidOperationLength: { en: "the operation is not well formed", zh: "操作格式不正确" },
  TimelockNotProposer: {
    en: "account {account} did not propose it: one of the staff takes back its own proposals only",
    zh: "账户 {account} 不是提案人：工作人员只能撤回自己的提案",
  },
  TimelockApprovedByCouncil: {
    en: "two thirds of the council approved it: only who proposed it may take it back",
    zh: "理事会三分之二已批准：仅提案人可撤回",
  },
  TimelockProposedBefore: {
    en: "it was proposed before, by {proposer}: propose it anew, under another salt",
    zh: "该操作曾由 {proposer} 提出：请以新的随机数重新提案",
  },
  TimelockSamePerson: {
    en: "{person} proposed it, so another one of the staff executes it",
    zh: "{person} 为提案人，须由另一名工作人员执行",
  },
  TimelockUnauthorizedCaller: { en: "account {caller} may not do that", zh: "账户 {caller} 无权执行" },
  TimelockUnexecutedPredecessor: { en: "the operation before it is not executed", zh: "前置操作尚未执行" },
  TimelockUnexpectedOperationState: {
    en: "the operation is not in the state for that: not proposed, waiting for its delay, executed or stopped",
    zh: "操作状态不符：未提案、等待期未满、已执行或已终止",
  },
  UUPSUnauthorizedCallContext: { en: "that is for a proxy alone", zh: "仅可通过代理合约调用" },
  UUPSUnsupportedProxiableUUID: {
    en: "the implementation is made for another kind of proxy",
    zh: "实现合约与代理类型不符",
  },
} as const satisfies Readonly<Record<string, Refusal>>;

/** The error in words; undefined for one that has none. */
export function refusalText(
  error: string,
  values: Readonly<Record<string, string | number | boolean>>,
  language: Language,
): string | undefined {
  const found = Object.hasOwn(refusals, error) ? refusals[error as keyof typeof refusals][language] : undefined;
  return found?.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

export const EXPLAINED_REFUSALS: readonly string[] = Object.keys(refusals);
