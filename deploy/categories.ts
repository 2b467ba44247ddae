/** Values of `MemberKind` in contracts/membership/IMemberRegistry.sol that own categories. */
const ASSOCIATION = 1;
const SECURITIES_FIRM = 2;

const owners = (...kinds: number[]): number => kinds.reduce((bits, kind) => bits | (1 << kind), 0);

/** The first catalogue; the constitution defines and amends categories later, without a release. */
export const CATEGORIES = [
  {
    code: "A",
    owners: owners(ASSOCIATION),
    mandatory: true,
    dueWorkingDays: 10,
    title: "监管数据 Regulatory data",
  },
  {
    code: "B",
    owners: owners(SECURITIES_FIRM),
    mandatory: true,
    dueWorkingDays: 5,
    title: "经营机构基础数据 Basic data of firms",
  },
  {
    code: "C",
    owners: owners(SECURITIES_FIRM),
    mandatory: false,
    dueWorkingDays: 10,
    title: "经营机构拓展数据 Extended data of firms",
  },
];
