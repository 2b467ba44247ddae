/** How many nodes hold a key, and how many of them it takes. Nodes are numbered from 1. */
import { Fault } from "../errors/fault.ts";

/** Indices are one byte in messages. */
export const MOST_NODES = 255;

export interface ThresholdParameters {
  /** t: so many nodes can use the key, one less learn nothing about it. */
  readonly threshold: number;
  /** n. */
  readonly nodes: number;
}

/**
 * t <= (n + 1) / 2: fewer than t corrupt nodes leave at least t honest ones, who can finish every step alone.
 * @throws Fault THRESHOLD_PARAMETERS_INVALID
 */
export function requireParameters({ threshold, nodes }: ThresholdParameters): void {
  const whole = Number.isSafeInteger(threshold) && Number.isSafeInteger(nodes);
  if (whole && threshold >= 1 && nodes <= MOST_NODES && 2 * threshold - 1 <= nodes) return;
  throw new Fault("THRESHOLD_PARAMETERS_INVALID", { threshold, nodes });
}

export function isIndex(index: number, nodes: number): boolean {
  return Number.isSafeInteger(index) && index >= 1 && index <= nodes;
}

/** 1..n. */
export function allIndices(nodes: number): number[] {
  return Array.from({ length: nodes }, (_, position) => position + 1);
}

/** @throws Fault THRESHOLD_INDICES_INVALID unless these are distinct, from 1 to `nodes`, and at least one. */
export function requireIndices(indices: readonly number[], nodes: number): void {
  const distinct = new Set(indices).size === indices.length;
  if (distinct && indices.length > 0 && indices.every((index) => isIndex(index, nodes))) return;
  throw new Fault("THRESHOLD_INDICES_INVALID", { nodes });
}
