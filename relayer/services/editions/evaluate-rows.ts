/**
 * Evaluates blinded elements at t nodes that share the edition's key now. Nodes that lie are named, logged and reported, and
 * others are asked; so are others for those that do not answer.
 */
import { concatBytes, fromBase64Url, toBase64Url } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { Posted } from "../../../protocol/threshold/message.ts";
import { liarsOf, type Liar } from "../../../protocol/threshold/partials.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { heirOf } from "../../chain/heir-of.ts";
import { callEvaluate, HolderRefusal } from "../query/holder-client.ts";
import type { EditionContext } from "./edition-context.ts";
import { encodeAnswer, type EvaluationDesk, type EvaluationRequest } from "./evaluation-desk.ts";
import { reportNode } from "./evidence.ts";
import { nodesByFreshness } from "./node-order.ts";

const PATH = "/peer/v1/aggregate/evaluate";
const ELEMENT_BYTES = 32;
const PROOF_BYTES = 64;

export interface EvaluateRows {
  /** The elements times the shared key. @throws Fault NODES_TOO_FEW with how many are missing, EDITION_KEY_MISSING */
  (edition: EditionInfo, elements: Uint8Array): Promise<Uint8Array>;
}

/** `desk` is asked where this member is a node itself. */
export function createEvaluateRows(ctx: EditionContext, desk: EvaluationDesk): EvaluateRows {
  async function ask(request: EvaluationRequest, member: number): Promise<Uint8Array | undefined> {
    try {
      return parseAnswer(await answerOf(request, member), member, request.elements.length);
    } catch (error) {
      if (!isFault(error) && !(error instanceof HolderRefusal)) throw error;
      ctx.log.info({ edition: request.edition, node: member, code: error.code }, "a node did not evaluate");
      return undefined;
    }
  }

  async function answerOf(request: EvaluationRequest, member: number): Promise<string> {
    const { elements } = request;
    const me = await ctx.chain.me();
    if (member === me.id) return encodeAnswer(await desk.answer(me.id, request));
    const body = JSON.stringify({ ...request, elements: toBase64Url(elements) });
    const holder = await ctx.chain.member(member);
    return (await callEvaluate(ctx.channel, { holder, body, elements: elements.length / ELEMENT_BYTES, path: PATH }))
      .text;
  }

  return async (edition, elements) => {
    const sharing = await heirOf(ctx.chain.computation, edition.evaluationRound, "evaluation");
    const round = await ctx.chain.computation.round(sharing);
    const keys = await ctx.chain.computation.keySet(sharing, "evaluation");
    if (!round || !keys) throw new Fault("EDITION_KEY_MISSING", { edition: edition.number });
    const queue = nodesByFreshness(await ctx.chain.computation.nodes(), round.nodes);
    const { threshold } = keys;
    const request = { edition: edition.number, round: sharing, elements };
    const good = new Map<number, Posted>();
    for (;;) {
      const wave = queue.splice(0, threshold - good.size);
      if (wave.length === 0) {
        throw new Fault("NODES_TOO_FEW", { reachable: good.size, missing: threshold - good.size, threshold });
      }
      const answers = await Promise.all(wave.map((member) => ask(request, member)));
      for (const [at, bytes] of answers.entries()) {
        const from = round.nodes.indexOf(wave[at] ?? 0) + 1;
        if (bytes) good.set(from, { from, bytes });
      }
      if (good.size < threshold) continue;
      const { combined, liars } = await combine(ctx, keys, elements, [...good.values()]);
      for (const { node, reason } of liars) {
        const answer = good.get(node)?.bytes ?? new Uint8Array(0);
        good.delete(node);
        const accused = round.nodes[node - 1] ?? 0;
        const content = concatBytes(elements, answer);
        await reportNode(ctx, { edition: edition.number, accused, reason, content });
      }
      if (combined) return combined;
    }
  };
}

async function combine(
  { pool }: Pick<EditionContext, "pool">,
  keys: PublicKeySet,
  elements: Uint8Array,
  answers: readonly Posted[],
): Promise<{
  readonly combined?: Uint8Array;
  readonly liars: readonly Liar[];
}> {
  try {
    const { elements: combined, liars } = await pool.run({
      ...{ kind: "combine" as const, use: "evaluation" as const },
      ...{ keys, elements, answers },
    });
    return { combined, liars };
  } catch (error) {
    if (!isFault(error, "PARTIALS_TOO_FEW")) throw error;
    return { liars: liarsOf(error) };
  }
}

/** @throws Fault NODE_ANSWER_MALFORMED */
function parseAnswer(text: string, node: number, expected: number): Uint8Array {
  try {
    const { evaluated, proof } = JSON.parse(text) as { evaluated?: unknown; proof?: unknown };
    const bytes = concatBytes(fromBase64Url(String(evaluated), expected), fromBase64Url(String(proof), PROOF_BYTES));
    return bytes;
  } catch (cause) {
    throw new Fault("NODE_ANSWER_MALFORMED", { node }, cause);
  }
}
