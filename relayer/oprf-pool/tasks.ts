/**
 * The heavy steps of a query as plain data in, plain data out, so that they can run on this thread or on another.
 * Lists of elements travel as one byte string.
 */
import { concatBytes, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { ristretto255Sha512, type Element, type Scalar } from "../../protocol/oprf/oprf.ts";
import { aggregateTaskSize, runAggregateTask, type AggregateResult, type AggregateTask } from "./aggregate-tasks.ts";

const suite = ristretto255Sha512;

export interface BlindTask {
  readonly kind: "blind";
  readonly inputs: readonly Uint8Array[];
}
export interface BlindResult {
  /** One scalar after another. */
  readonly blinds: Uint8Array;
  readonly elements: Uint8Array;
}

export interface EvaluateTask {
  readonly kind: "evaluate";
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly elements: Uint8Array;
}
export interface EvaluateResult {
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

export interface FinalizeTask {
  readonly kind: "finalize";
  readonly publicKey: Uint8Array;
  readonly inputs: readonly Uint8Array[];
  readonly blinds: Uint8Array;
  readonly elements: Uint8Array;
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}
export interface FinalizeResult {
  /** The OPRF outputs, one after another; undefined if the proof does not hold for the public key. */
  readonly outputs: Uint8Array | undefined;
}

export type Task = BlindTask | EvaluateTask | FinalizeTask | AggregateTask;
export type TaskResult<T extends Task> = T extends BlindTask
  ? BlindResult
  : T extends EvaluateTask
    ? EvaluateResult
    : T extends FinalizeTask
      ? FinalizeResult
      : T extends AggregateTask
        ? AggregateResult<T>
        : never;

/** How much work a task is, in elements. */
export function taskSize(task: Task): number {
  if (task.kind === "evaluate") return task.elements.length / suite.elementBytes;
  return task.kind === "blind" || task.kind === "finalize" ? task.inputs.length : aggregateTaskSize(task);
}

export function runTask<T extends Task>(task: T, random: RandomBytes): TaskResult<T>;
export function runTask(task: Task, random: RandomBytes): unknown {
  if (task.kind === "blind") return blind(task, random);
  if (task.kind === "evaluate") return evaluate(task, random);
  if (task.kind === "finalize") return finalize(task);
  return runAggregateTask(task, random);
}

function blind(task: BlindTask, random: RandomBytes): BlindResult {
  const blinds = task.inputs.map(() => suite.randomScalar(random));
  const elements = task.inputs.map((input, i) => suite.blind(input, blinds[i] as Scalar));
  return { blinds: concatBytes(...blinds), elements: concatBytes(...elements) };
}

function evaluate(task: EvaluateTask, random: RandomBytes): EvaluateResult {
  const key = { secretKey: task.secretKey as Scalar, publicKey: task.publicKey as Element };
  const { evaluated, proof } = suite.blindEvaluate(key, elementsOf(task.elements), random);
  return { evaluated: concatBytes(...evaluated), proof };
}

function finalize(task: FinalizeTask): FinalizeResult {
  const evaluated = elementsOf(task.evaluated);
  const proven = suite.verifyProof(task.publicKey, elementsOf(task.elements), evaluated, task.proof);
  if (!proven) return { outputs: undefined };
  const outputs = task.inputs.map((input, i) =>
    suite.finalize(input, scalarAt(task.blinds, i), evaluated[i] as Element),
  );
  return { outputs: concatBytes(...outputs) };
}

/** Copies, not checked: the suite checks whatever enters a computation, also a last one that is too short. */
function elementsOf(concatenated: Uint8Array): Element[] {
  const { elementBytes } = suite;
  return Array.from(
    { length: Math.ceil(concatenated.length / elementBytes) },
    // Not a slice, which of a Buffer would be no copy.
    (_, index) => new Uint8Array(concatenated.subarray(index * elementBytes, (index + 1) * elementBytes)) as Element,
  );
}

function scalarAt(blinds: Uint8Array, index: number): Scalar {
  return suite.decodeScalar(blinds.slice(index * suite.scalarBytes, (index + 1) * suite.scalarBytes));
}
