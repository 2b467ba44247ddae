/** A task with its arguments in one text, as somebody would type it after `npx hardhat`. */
import { flagsOf, optionsOf, type Command } from "./command.ts";

export interface ParsedCommand {
  readonly command: Command;
  readonly args: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** Words of a text; quotes keep spaces together. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/** Undefined if the words begin with the name of none of the commands, or do not fit it. */
export function parseCommand(words: readonly string[], commands: readonly Command[]): ParsedCommand | undefined {
  const matching = commands.filter(({ id }) => id.every((part, i) => words[i] === part));
  const command = matching.sort((a, b) => b.id.length - a.id.length)[0];
  if (command === undefined) return undefined;
  const args: Record<string, string | boolean | readonly string[] | undefined> = {};
  const rest: string[] = [];
  const given = words.slice(command.id.length).flatMap((word) => splitEquals(word));
  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? "";
    if (!word.startsWith("--")) {
      rest.push(word);
      continue;
    }
    const name = word.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (flagsOf(command).some((flag) => flag.name === name)) args[name] = true;
    else if (optionsOf(command).some((option) => option.name === name)) args[name] = given[++i];
    else return undefined;
  }
  for (const { name, optional = false, several = false } of command.takes.positionals ?? []) {
    const value = several ? rest.splice(0) : rest.shift();
    if (!optional && (value === undefined || value.length === 0)) return undefined;
    args[name] = value;
  }
  return rest.length > 0 ? undefined : { command, args };
}

function splitEquals(word: string): string[] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
