import type { Input } from './path.js';

/** Runs all inputs `times` times through one case; gives back a sum that depends on every result. */
export type Block = (times: number) => number | Promise<number>;

type Call = (input: never) => unknown;

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

/** How a result goes into the sum: cheap, and such that no call can be left out. */
function consume(sample: unknown): string {
  if (typeof sample === 'number') return 'sum += result;';
  if (typeof sample === 'string') return "sum += result === 'Unknown' ? 1 : 2;";
  return 'sum += result === undefined ? 1 : 2;';
}

/**
 * A loop in a function of its own. Compiled from text for each case: loops that share their code share what the engine
 * learned about them, and the third function called from one place is called slowly.
 */
export function blockOf(call: Call, inputs: readonly Input[]): Block {
  const first = call(inputs[0] as never);
  return first instanceof Promise ? asyncBlock(call, inputs) : syncBlock(call, inputs, consume(first));
}

function syncBlock(call: Call | undefined, inputs: readonly Input[], step: string): Block {
  const result = call === undefined ? 'inputs[i]' : 'call(inputs[i])';
  return new Function(
    'call',
    'inputs',
    `return function block(times) {
      let sum = 0;
      for (let time = 0; time < times; time++) {
        for (let i = 0; i < inputs.length; i++) { const result = ${result}; ${step} }
      }
      return sum;
    }`,
  )(call, inputs) as Block;
}

function asyncBlock(call: Call, inputs: readonly Input[]): Block {
  return new AsyncFunction(
    'call',
    'inputs',
    'times',
    `let sum = 0;
    for (let time = 0; time < times; time++) {
      for (let i = 0; i < inputs.length; i++) sum += await call(inputs[i]);
    }
    return sum;`,
  ).bind(undefined, call, inputs) as Block;
}

/** The same loop over the same inputs without a call: what measuring itself costs. */
export function emptyBlock(inputs: readonly Input[]): Block {
  return syncBlock(undefined, inputs, consume(inputs[0]));
}
