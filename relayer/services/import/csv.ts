/** The lines of a CSV file, as a stream: memory does not grow with the file. */
import { Readable } from "node:stream";

import { parse, CsvError } from "csv-parse";

import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { detectDelimiter, type Delimiter, type Encoding } from "./encoding.ts";

/** Far above any honest line: an unclosed quotation mark must not swallow the file into memory. */
const MAX_LINE_CHARACTERS = 65_536;

export interface CsvLine {
  /** Counted from 1 as an editor does; the first line of a cell that spans several. */
  readonly number: number;
  readonly cells: readonly string[];
}

export interface CsvFile {
  readonly delimiter: Delimiter;
  readonly lines: AsyncIterable<CsvLine>;
}

/**
 * Quotes and line ends as RFC 4180 has them, LF and CR alone as well; blank lines are skipped; the first line decides
 * the delimiter.
 * @throws Fault IMPORT_QUOTES, IMPORT_LINE_TOO_LONG, IMPORT_EMPTY while iterating; IMPORT_ENCODING if the bytes are not of `encoding`
 */
export async function readCsv(chunks: AsyncIterable<Uint8Array>, encoding: Encoding): Promise<CsvFile> {
  const texts = decode(chunks, encoding);
  let head = "";
  let next = await texts.next();
  while (next.done !== true) {
    head += next.value;
    if (/[\r\n]/.test(head.trimStart()) || head.length > MAX_LINE_CHARACTERS) break;
    next = await texts.next();
  }
  if (head.trim() === "") throw new Fault("IMPORT_EMPTY");
  const delimiter = detectDelimiter(/^\s*([^\r\n]*)/.exec(head)?.[1] ?? "");
  return { delimiter, lines: parseLines(head, texts, delimiter) };
}

async function* parseLines(head: string, rest: AsyncIterable<string>, delimiter: Delimiter): AsyncGenerator<CsvLine> {
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_CHARACTERS,
  });
  const source = Readable.from(join(head, rest), { highWaterMark: 4 });
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (record.every((cell) => cell.trim() === "")) continue;
      yield { number: info.lines - breaksWithin(record), cells: record };
    }
  } catch (error) {
    throw asFault(error);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

async function* join(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

/** TextDecoder, for iconv-lite 0.7 loses bytes where a piece ends within a four-byte character of GB18030. */
async function* decode(chunks: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const next = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new Fault("IMPORT_ENCODING", { encoding });
    }
  };
  for await (const chunk of chunks) yield next(chunk);
  yield next();
}

function breaksWithin(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) if (cell.includes("\n")) breaks += cell.split("\n").length - 1;
  return breaks;
}

/** csv-parse's errors carry the record they stumbled over: nothing of them but the line may go on. */
function asFault(error: unknown): unknown {
  if (isFault(error) || !(error instanceof CsvError)) return error;
  const line = (error as unknown as { lines?: number }).lines ?? 0;
  if (error.code === "CSV_MAX_RECORD_SIZE")
    return new Fault("IMPORT_LINE_TOO_LONG", { line, limit: MAX_LINE_CHARACTERS });
  return new Fault("IMPORT_QUOTES", { line });
}
