import { defineFaults } from "./descriptor.ts";

/** Why a line of any file is refused: reported beside line and column, the cell never repeated. */
export const importLineFaults = defineFaults({
  COLUMN_COUNT: {
    status: 422,
    title: { en: "The line has another number of columns than the header", zh: "该行列数与表头不一致" },
    remedy: { en: "Look for a missing or an extra delimiter.", zh: "请检查分隔符是否缺失或多余。" },
  },
  CELL_EMPTY: {
    status: 422,
    title: { en: "A required cell is empty", zh: "必填项为空" },
    remedy: { en: "Fill it in.", zh: "请填写。" },
  },
  IDENTIFIER_FORMAT: {
    status: 422,
    title: {
      en: "The number of the line is not 1 to 64 letters, digits and - _ . / #",
      zh: "编号应为 1 至 64 位字母、数字或 - _ . / #",
    },
    remedy: { en: "Give each line a plain number of its own.", zh: "请使用规范的编号。" },
  },
  IDENTIFIER_HOLDS_IDENTITY: {
    status: 422,
    title: { en: "The number of the line contains an identity number", zh: "编号中含有证件号码" },
    remedy: {
      en: "Number lines by something that names nobody: it appears in reports.",
      zh: "编号会出现在报告中，请勿使用证件号码作为编号。",
    },
  },
  IDENTIFIER_REPEATED: {
    status: 422,
    title: { en: "The number stands twice in this file", zh: "编号在文件中重复" },
    remedy: { en: "Keep one line for each number.", zh: "每个编号只保留一行。" },
  },
  DOCUMENT_TYPE_UNKNOWN: {
    status: 422,
    title: { en: "The kind of identity document is not known", zh: "证件类型无法识别" },
    remedy: {
      en: "Use one of the listed kinds, such as 居民身份证 or cn-resident-id.",
      zh: "请使用规定的证件类型，如“居民身份证”。",
    },
  },
  IDENTITY_FORMAT: {
    status: 422,
    title: { en: "The document number has not the form of its kind", zh: "证件号码格式不符" },
    remedy: { en: "Check length and characters.", zh: "请核对位数和字符。" },
  },
  IDENTITY_PROVINCE: {
    status: 422,
    title: { en: "The document number begins with no existing province", zh: "证件号码的省级代码不存在" },
    remedy: { en: "Check the first digits.", zh: "请核对号码前几位。" },
  },
  IDENTITY_BIRTH_DATE: {
    status: 422,
    title: { en: "The birth date in the document number does not exist", zh: "证件号码中的出生日期不存在" },
    remedy: { en: "Check digits 7 to 14.", zh: "请核对第 7 至 14 位。" },
  },
  IDENTITY_BIRTH_FUTURE: {
    status: 422,
    title: { en: "The birth date in the document number lies in the future", zh: "证件号码中的出生日期晚于今天" },
    remedy: { en: "Check digits 7 to 14.", zh: "请核对第 7 至 14 位。" },
  },
  IDENTITY_CHECK_DIGIT: {
    status: 422,
    title: { en: "The check digit of the document number is wrong", zh: "证件号码校验位错误" },
    remedy: { en: "A digit is mistyped or two are swapped.", zh: "可能有数字录错或颠倒。" },
  },
  IDENTITY_ROUNDED: {
    status: 422,
    title: {
      en: "A spreadsheet turned the document number into a rounded number",
      zh: "证件号码被电子表格转成了科学计数",
    },
    remedy: {
      en: "The last digits are lost: format the column as text and enter them anew.",
      zh: "末尾数字已丢失，请将该列设为文本格式后重新录入。",
    },
  },
  CLASS_UNKNOWN: {
    status: 422,
    title: { en: "The class of data is not in the catalogue", zh: "数据类别不在目录中" },
    remedy: { en: "Use a class of the catalogue, such as B2.", zh: "请使用目录中的类别，如 B2。" },
  },
  CLASS_NOT_YOURS: {
    status: 422,
    title: { en: "This member does not publish this class", zh: "本机构不发布该类别数据" },
    remedy: {
      en: "Class A is the Association's, classes B and C are the firms'.",
      zh: "A 类由协会发布，B、C 类由经营机构发布。",
    },
  },
  DATE_UNREADABLE: {
    status: 422,
    title: { en: "The date cannot be read", zh: "日期无法识别" },
    remedy: { en: "Write it as 2024-03-05.", zh: "请写成 2024-03-05 的形式。" },
  },
  DATE_IMPOSSIBLE: {
    status: 422,
    title: { en: "The date does not exist in the calendar", zh: "日期不存在" },
    remedy: { en: "Check year, month and day.", zh: "请核对年月日。" },
  },
  DATE_AMBIGUOUS: {
    status: 422,
    title: { en: "It cannot be told which part of the date is the day", zh: "无法判断日期中的日与月" },
    remedy: { en: "Write the year first: 2024-03-05.", zh: "请将年份写在最前：2024-03-05。" },
  },
  DATE_SPREADSHEET_SERIAL: {
    status: 422,
    title: { en: "The date is a spreadsheet's day count", zh: "日期是电子表格的序列数" },
    remedy: {
      en: "It counts from 1900 or 1904, the file does not say which: format the column as a date and save again.",
      zh: "序列数的起点不明，请将该列设为日期格式后重新保存。",
    },
  },
  DATE_IN_FUTURE: {
    status: 422,
    title: { en: "The date lies in the future", zh: "日期晚于今天" },
    remedy: { en: "What has not happened cannot be recorded.", zh: "尚未发生的事项不能登记。" },
  },
  STATUS_UNKNOWN: {
    status: 422,
    title: { en: "The status is not known", zh: "状态无法识别" },
    remedy: {
      en: "Use open, cured, disputed, withdrawn or expired (未结清, 已结清, 异议处理中, 已撤回, 已过期).",
      zh: "请使用：未结清、已结清、异议处理中、已撤回、已过期。",
    },
  },
  STATUS_BEFORE_EVENT: {
    status: 422,
    title: { en: "The status date lies before the event", zh: "状态日期早于事件日期" },
    remedy: { en: "Check both dates.", zh: "请核对两个日期。" },
  },
  AMOUNT_UNREADABLE: {
    status: 422,
    title: { en: "The amount cannot be read", zh: "金额无法识别" },
    remedy: { en: "Write it as 1234.50, 1,234.50 or 12万.", zh: "请写成 1234.50、1,234.50 或 12万 的形式。" },
  },
  AMOUNT_NEGATIVE: {
    status: 422,
    title: { en: "The amount is negative", zh: "金额为负" },
    remedy: { en: "Amounts of records are not negative.", zh: "记录的金额不得为负。" },
  },
  AMOUNT_TOO_PRECISE: {
    status: 422,
    title: { en: "The amount has parts of a fen", zh: "金额精确到了分以下" },
    remedy: {
      en: "Give at most two decimals of a yuan; amounts are not rounded for you.",
      zh: "元以下最多两位小数；系统不作舍入。",
    },
  },
  AMOUNT_TOO_LARGE: {
    status: 422,
    title: { en: "The amount is too large", zh: "金额过大" },
    remedy: { en: "Check the unit.", zh: "请核对单位。" },
  },
  AMOUNT_SCIENTIFIC: {
    status: 422,
    title: { en: "A spreadsheet turned the amount into a rounded number", zh: "金额被电子表格转成了科学计数" },
    remedy: { en: "Format the column as a number and save again.", zh: "请将该列设为数值格式后重新保存。" },
  },
  AMOUNT_UNIT_CONFLICT: {
    status: 422,
    title: { en: "The cell states another unit than the header", zh: "单元格的单位与表头不一致" },
    remedy: { en: "State the unit once.", zh: "单位只写一处。" },
  },
  NOTE_TOO_LONG: {
    status: 422,
    title: { en: "The note is longer than 200 characters", zh: "备注超过 200 字" },
    remedy: { en: "Shorten it.", zh: "请精简。" },
  },
  NOTE_HOLDS_PERSONAL_NUMBER: {
    status: 422,
    title: { en: "The note contains an identity, card or telephone number", zh: "备注中含有证件、卡或电话号码" },
    remedy: {
      en: "Take it out: notes are shown to whoever pays for the record.",
      zh: "备注会展示给查询方，请删除其中的号码。",
    },
  },
  CELL_FORMULA: {
    status: 422,
    title: { en: "The text begins like a spreadsheet formula", zh: "文本以公式字符开头" },
    remedy: {
      en: "Begin it with a letter or a digit: whoever opens an export must not run it.",
      zh: "请勿以 = + - @ 开头，以免导出后被当作公式执行。",
    },
  },
});
