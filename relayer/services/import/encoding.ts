/** Which encoding and which delimiter a firm's file has. */
import { isUtf8 } from "node:buffer";

import { Fault } from "../../../protocol/errors/fault.ts";

export const ENCODINGS = ["utf-8", "gb18030"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const DELIMITERS = [",", "\t", ";"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/**
 * Valid UTF-8 is UTF-8: Chinese text in GB18030 is practically never valid UTF-8. Otherwise GB18030, of which GBK and
 * GB 2312 are parts. An encoding that was named is taken, and the file must be in it.
 * @throws Fault IMPORT_NOT_TEXT for a workbook or other binary, IMPORT_ENCODING, IMPORT_EMPTY
 */
export function detectEncoding(file: Uint8Array, named?: Encoding): Encoding {
  if (file.length === 0) throw new Fault("IMPORT_EMPTY");
  const kind = binaryKind(file);
  if (kind !== undefined) throw new Fault("IMPORT_NOT_TEXT", { kind });
  if (named === "utf-8" && !isUtf8(file)) throw new Fault("IMPORT_ENCODING", { encoding: named });
  return named ?? (isUtf8(file) ? "utf-8" : "gb18030");
}

/** The delimiter that the header line has most of, outside quotation marks; a comma if it has none. */
export function detectDelimiter(headerLine: string): Delimiter {
  const unquoted = headerLine.replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

function binaryKind(file: Uint8Array): string | undefined {
  const start = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, 8));
  if (start.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))) return "XLSX";
  if (start.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))) return "XLS";
  if (start.subarray(0, 4).equals(Buffer.from("%PDF"))) return "PDF";
  if (start[0] === 0xff && start[1] === 0xfe) return "UTF-16";
  if (start[0] === 0xfe && start[1] === 0xff) return "UTF-16";
  return file.includes(0) ? "binary data" : undefined;
}
