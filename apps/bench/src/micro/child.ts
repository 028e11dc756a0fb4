import { findPath } from '../paths/paths.js';
import { blockOf, emptyBlock } from './block.js';
import { timeBlockByCpu } from './cpu-time.js';
import { bytesPerCall, LONG_BLOCK_NS, type SizedBlock, sizeBlock, timeBlock } from './measure.js';
import { type ChildReply, type ChildRequest, LOOP } from './protocol.js';
import type { Timing } from './statistics.js';

/** A process that times one path: `child.js <path> <warm-up ms>`, then a round of all its cases for each request. */
const path = findPath(process.argv[2] ?? '');
const inputs = path.inputs();
const cases = path.cases(inputs);
/** In one go through the inputs. */
const units = inputs.length * (path.units ?? 1);
const isLong = path.units !== undefined;
const time = isLong ? timeBlockByCpu : timeBlock;
const blockNs = isLong ? LONG_BLOCK_NS : undefined;
const samples = isLong ? 4 : undefined;
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
    blocks.set(name, await sizeBlock(block, units, ms, blockNs));
  }
  // An awaited operation is measured as a whole: there is no loop to take away.
  if (!isAsync) blocks.set(LOOP, await sizeBlock(emptyBlock(inputs), units, ms / 2));
}

async function answer(request: ChildRequest): Promise<void> {
  if ('round' in request) {
    const timings: Record<string, Timing> = {};
    for (const [name, block] of blocks) timings[name] = await time(block, request.round);
    send({ timings });
  } else {
    const bytes: Record<string, number> = {};
    for (const [name, block] of blocks) bytes[name] = await bytesPerCall(block, units, samples);
    for (const { verify } of cases) verify?.();
    send({ bytes });
  }
}

function send(reply: ChildReply): void {
  process.send?.(reply);
}
