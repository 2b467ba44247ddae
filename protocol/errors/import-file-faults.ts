import { defineFaults } from "./descriptor.ts";

/** Why a file as a whole, or a stored record, is refused. */
export const importFileFaults = defineFaults({
  IMPORT_UNKNOWN: {
    status: 404,
    title: { en: "There is no import {id}", zh: "没有编号为 {id} 的导入" },
    remedy: { en: "List what was imported, or send the file again.", zh: "请核对导入编号，或重新提交文件。" },
  },
  IMPORT_EMPTY: {
    status: 422,
    title: { en: "The file holds no lines of data", zh: "文件没有数据行" },
    remedy: {
      en: "Send a file with one header line and at least one line of data.",
      zh: "请提交含表头和至少一行数据的文件。",
    },
  },
  IMPORT_NOT_TEXT: {
    status: 415,
    title: { en: "The file is not a text file: it looks like {kind}", zh: "文件不是文本文件：疑似 {kind}" },
    remedy: {
      en: "Save it as CSV (UTF-8) in the spreadsheet program and send that.",
      zh: "请在电子表格程序中另存为 CSV（UTF-8）后提交。",
    },
  },
  IMPORT_ENCODING: {
    status: 422,
    title: { en: "The file is not text in {encoding}", zh: "文件编码不是 {encoding}" },
    remedy: {
      en: "Save it as UTF-8 or GB18030, or name its encoding.",
      zh: "请保存为 UTF-8 或 GB18030，或指定其编码。",
    },
  },
  IMPORT_HEADER_MISSING: {
    status: 422,
    title: { en: "The first line lacks these columns: {columns}", zh: "首行缺少以下列：{columns}" },
    remedy: {
      en: "Give the file a header line with these columns, in Chinese or English.",
      zh: "请在首行写明上述列名（中文或英文均可）。",
    },
  },
  IMPORT_HEADER_REPEATED: {
    status: 422,
    title: { en: "Two columns of the first line both mean {column}", zh: "首行有两列同为 {column}" },
    remedy: { en: "Keep one of them.", zh: "请只保留其中一列。" },
  },
  IMPORT_QUOTES: {
    status: 422,
    title: {
      en: "A quotation mark is left open or stands inside a cell, near line {line}",
      zh: "第 {line} 行附近引号不匹配",
    },
    remedy: {
      en: "Close it, or double a quotation mark that belongs to the text. What follows it cannot be read safely.",
      zh: "请补全引号；文本内的引号须成对书写。其后的内容无法可靠读取。",
    },
  },
  IMPORT_LINE_TOO_LONG: {
    status: 422,
    title: { en: "Line {line} is longer than {limit} characters", zh: "第 {line} 行超过 {limit} 个字符" },
    remedy: {
      en: "Look for an unclosed quotation mark, or split the file.",
      zh: "请检查是否有未闭合的引号，或拆分文件。",
    },
  },
  IMPORT_FILE_DAMAGED: {
    status: 500,
    title: { en: "The stored upload cannot be read back", zh: "暂存的上传文件无法读取" },
    remedy: { en: "Send the file again; nothing of it was applied.", zh: "请重新提交文件；本次未作任何更改。" },
  },
  RECORD_UNKNOWN: {
    status: 404,
    title: { en: "There is no record {id}", zh: "没有编号为 {id} 的记录" },
    remedy: { en: "List the records to find its id.", zh: "请在记录列表中查找。" },
  },
  RECORD_WITHDRAWN: {
    status: 409,
    title: { en: "The record was withdrawn", zh: "该记录已撤回" },
    remedy: {
      en: "A withdrawn record is not published and does not come back; register the matter under a new record id.",
      zh: "已撤回的记录不再发布；如需恢复，请使用新的记录编号。",
    },
  },
  RECORD_EXPIRED: {
    status: 409,
    title: { en: "The record is past the term for which it may be shared", zh: "该记录已超过可共享的期限" },
    remedy: {
      en: "Nothing is to be done: it is kept but no longer published.",
      zh: "无需处理：记录予以保留，但不再发布。",
    },
  },
  SUBJECT_ROW_SWAPPED: {
    status: 500,
    title: { en: "A stored identity does not belong to its row", zh: "存储的身份信息与所在行不符" },
    remedy: {
      en: "The database was changed from outside the relayer: restore it and look for who did.",
      zh: "数据库曾被外部改动，请恢复备份并追查原因。",
    },
  },
});
