/** Columns of a firm's file: what each is called, and where the header line puts it. */
import { Fault } from "../../../protocol/errors/fault.ts";
import type { AmountUnit } from "./amount.ts";

export interface Column<K extends string> {
  readonly key: K;
  /** A file without it is refused. */
  readonly required: boolean;
  /** The name in Chinese and every other name that files give it. */
  readonly names: readonly string[];
}

export interface Layout<K extends string> {
  /** Number of columns of the header: every line must have as many. */
  readonly width: number;
  /** Position of each column that the file has. */
  readonly positions: ReadonlyMap<K, number>;
  /** Unit that the header of the amount states. */
  readonly amountUnit: AmountUnit | undefined;
  /** Columns that name or reach a person: recognised and dropped before anything is stored. */
  readonly dropped: readonly string[];
  /** Columns that mean nothing here. */
  readonly ignored: readonly string[];
}

/** Names of columns that are personal data nobody needs here (data minimisation, PIPL article 6). */
const PERSONAL = [
  [
    "姓名",
    "客户姓名",
    "投资者姓名",
    "投资者名称",
    "客户名称",
    "名称",
    "name",
    "customername",
    "clientname",
    "fullname",
    "investorname",
  ],
  [
    "手机",
    "手机号",
    "手机号码",
    "电话",
    "电话号码",
    "联系电话",
    "联系方式",
    "phone",
    "phonenumber",
    "mobile",
    "mobilephone",
    "telephone",
    "tel",
  ],
  ["地址", "联系地址", "住址", "通讯地址", "address"],
  ["邮箱", "电子邮箱", "电子邮件", "email", "mail"],
  ["银行卡号", "银行账号", "资金账号", "证券账户", "account", "accountnumber", "bankaccount"],
].flat();

/**
 * @throws Fault IMPORT_HEADER_MISSING naming the columns that lack, IMPORT_HEADER_REPEATED. What the first line says is
 * not repeated: in a file without a header it is somebody's data.
 */
export function readHeader<K extends string>(cells: readonly string[], columns: readonly Column<K>[]): Layout<K> {
  const keys = new Map(
    columns.flatMap(({ key, names }) => [key, ...names].map((name) => [bare(name).name, key] as const)),
  );
  const positions = new Map<K, number>();
  const dropped: string[] = [];
  const ignored: string[] = [];
  let amountUnit: AmountUnit | undefined;
  for (const [position, cell] of cells.entries()) {
    const { name, unit } = bare(cell);
    const key = keys.get(name);
    if (key !== undefined) {
      if (positions.has(key)) throw new Fault("IMPORT_HEADER_REPEATED", { column: key });
      positions.set(key, position);
      if (key === "amount") amountUnit = unit;
    } else if (PERSONAL.includes(name)) dropped.push(shown(cell, position));
    else ignored.push(shown(cell, position));
  }
  const missing = columns.filter(({ key, required }) => required && !positions.has(key));
  if (missing.length > 0) {
    throw new Fault("IMPORT_HEADER_MISSING", {
      columns: missing.map(({ key, names }) => `${names[0] ?? ""} (${key})`).join(", "),
    });
  }
  return { width: cells.length, positions, amountUnit, dropped, ignored };
}

/** A header without what writers decorate it with: `*涉及金额（万元）` is 涉及金额 in wan. */
function bare(cell: string): { name: string; unit: AmountUnit | undefined } {
  const text = cell
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_\-*:"'\u200b\ufeff]/g, "");
  const bracket = /^(.*?)[([【](.*)[)\]】]$/.exec(text);
  const qualifier = bracket?.[2] ?? /(万元|元)$/.exec(text)?.[1] ?? "";
  const name = bracket?.[1] ?? text.replace(/(?:万元|元)$/, "");
  return { name, unit: UNITS[qualifier] };
}

const UNITS: Readonly<Record<string, AmountUnit>> = {
  元: "yuan",
  人民币元: "yuan",
  "单位:元": "yuan",
  单位元: "yuan",
  yuan: "yuan",
  cny: "yuan",
  rmb: "yuan",
  万元: "wan",
  万: "wan",
  人民币万元: "wan",
  单位万元: "wan",
  wan: "wan",
  "10kcny": "wan",
};

/** A header may be repeated only if it reads like one. */
function shown(cell: string, position: number): string {
  const text = cell.normalize("NFKC").trim();
  const readable = text !== "" && text.length <= 24 && !/\d{3}/.test(text) && /^[\p{L}\p{N} _()/-]+$/u.test(text);
  return readable ? text : `column ${String(position + 1)}`;
}
