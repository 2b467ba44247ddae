/** Every one-place change of a JSON value: each leaf altered, each member removed, a member or an element added. */

export interface Change {
  readonly path: string;
  readonly kind: "altered" | "deleted" | "added";
  readonly what: string;
  readonly value: unknown;
  /** The whole with `other` at this place instead. */
  replaceWith(other: unknown): unknown;
}

type Step = string | number;

export function changesOf(root: unknown): Change[] {
  const changes: Change[] = [];
  walk(root, [], (steps, value) => {
    for (const [what, altered] of alterations(value)) {
      changes.push(change(root, steps, "altered", what, altered));
    }
    if (steps.length > 0) changes.push(change(root, steps, "deleted", "deleted", REMOVED));
  });
  return changes;
}

const REMOVED = Symbol("removed");

function change(root: unknown, steps: readonly Step[], kind: Change["kind"], what: string, value: unknown): Change {
  const path = steps.join(".");
  return {
    ...{ path, kind, what: `${path || "(root)"}: ${what}` },
    value: withValue(root, steps, value),
    replaceWith: (other) => withValue(root, steps, other),
  };
}

function walk(value: unknown, steps: readonly Step[], visit: (steps: readonly Step[], value: unknown) => void): void {
  visit(steps, value);
  if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) walk(element, [...steps, i], visit);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) walk(member, [...steps, name], visit);
  }
}

function alterations(value: unknown): [string, unknown][] {
  if (typeof value === "string") return stringAlterations(value);
  if (typeof value === "number")
    return [
      ["+1", value + 1],
      ["-1", value - 1],
      ["as text", String(value)],
      ["null", null],
    ];
  if (Array.isArray(value)) {
    const list = value as unknown[];
    const repeated: [string, unknown][] = list.length > 0 ? [["an element repeated", [...list, list[0]]]] : [];
    const reversed: [string, unknown][] = list.length > 1 ? [["reversed", list.toReversed()]] : [];
    return [["an element added", [...list, "x"]], ...repeated, ...reversed];
  }
  if (typeof value === "object" && value !== null) return [["a member added", { ...value, added: 1 }]];
  return [];
}

function stringAlterations(text: string): [string, unknown][] {
  const at = (position: number): [string, unknown] => {
    const old = text[position] ?? "";
    const other = old === "1" ? "2" : "1";
    return [`character ${String(position)}`, text.slice(0, position) + other + text.slice(position + 1)];
  };
  const last = text.length - 1;
  return [
    at(0),
    at(2),
    at(Math.floor(last / 2)),
    at(last),
    ["longer", `${text}0`],
    ["shorter", text.slice(0, -1)],
    ["number", 7],
  ];
}

function withValue(root: unknown, steps: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (Array.isArray(root)) {
    const list = root as unknown[];
    if (rest.length === 0 && value === REMOVED) return list.filter((_, i) => i !== step);
    return list.map((element, i) => (i === step ? withValue(element, rest, value) : element));
  }
  const members = Object.entries(root as object).map(([name, member]) => [
    name,
    name === step ? withValue(member, rest, value) : (member as unknown),
  ]);
  return Object.fromEntries(members.filter(([, member]) => member !== REMOVED));
}
