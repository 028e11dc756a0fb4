import { findPath } from '../paths/paths.js';
import { blockOf, emptyBlock } from './block.js';
import { bytesPerCall, type SizedBlock, sizeBlock, timeBlock } from './measure.js';
import { type ChildReply, type ChildRequest, LOOP } from './protocol.js';
import type { Timing } from './statistics.js';

/** A process that times one path: `child.js <path> <warm-up ms>`, then a round of all its cases for each request. */
const path = findPath(process.argv[2] ?? '');
const inputs = path.inputs();
const cases = path.cases(inputs);
const blocks = new Map<string, SizedBlock>();

process.on('disconnect', () => process.exit());
await warmUp(Number(process.argv[3] ?? 50));
process.on('message', (request: ChildRequest) => void answer(request));
send({ ready: true });

async function warmUp(ms: number): Promise<void> {
  let isAsync = false;
  for (const { name, call } of cases) {
    const block = blockOf(call, inputs);
    isAsync ||= block(1) instanceof Promise;
    blocks.set(name, await sizeBlock(block, inputs.length, ms));
  }
  // An awaited operation is measured as a whole: there is no loop to take away.
  if (!isAsync) blocks.set(LOOP, await sizeBlock(emptyBlock(inputs), inputs.length, ms / 2));
}

async function answer(request: ChildRequest): Promise<void> {
  if ('round' in request) {
    const timings: Record<string, Timing> = {};
    for (const [name, block] of blocks) timings[name] = await timeBlock(block, request.round);
    send({ timings });
  } else {
    const bytes: Record<string, number> = {};
    for (const [name, block] of blocks) bytes[name] = await bytesPerCall(block, inputs.length);
    for (const { verify } of cases) verify?.();
    send({ bytes });
  }
}

function send(reply: ChildReply): void {
  process.send?.(reply);
}
