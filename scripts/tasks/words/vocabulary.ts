/** What phrases about calls and events are given to speak with. */
import type { Result } from "ethers";

import type { Call } from "../../governance/operation.ts";
import type { Text } from "../language.ts";
import type { Names } from "../names.ts";

/** How operations are called that a call names; a shortened id unless somebody knows better. */
export type OperationName = (id: string) => string;

export interface Vocabulary {
  readonly names: Names;
  readonly operation: OperationName;
  /** Of a call within the call. */
  readonly words: (call: Call) => Text;
}

export type Phrase = (args: Result, vocabulary: Vocabulary) => Text;

export interface EventVocabulary {
  readonly names: Names;
  readonly operation: OperationName;
}

export type EventPhrase = (args: Result, vocabulary: EventVocabulary) => Text;
