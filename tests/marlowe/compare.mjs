// Computes what each line of standard input asks with @marlowe.io/language-core-v1 and prints one line for each.

import { createInterface } from "node:readline";
import { MarloweJSON } from "@marlowe.io/adapter/codec";
import {
  computeTransaction,
  emptyState,
  evalObservation,
  evalValue,
  playTrace,
} from "@marlowe.io/language-core-v1/semantics";

const attempt = (compute) => {
  try {
    return compute();
  } catch (error) {
    return { thrown: String(error) };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { environment, state, value, observation, contract, transaction, initialTime, trace } = MarloweJSON.parse(line);
  const answer = {
    value: attempt(() => evalValue(environment, state, value)),
    observation: attempt(() => evalObservation(environment, state, observation)),
    computed: attempt(() => computeTransaction(transaction, state, contract)),
    played: attempt(() => playTrace(emptyState(initialTime), contract, trace)),
  };
  console.log(MarloweJSON.stringify(answer));
}
