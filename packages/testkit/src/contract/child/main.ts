import type { Velo, VeloOptions } from '@velo/engine';
import type { ClusterAddress } from '../adapter.js';
import { consume } from './consume.js';
import { measure } from './measure.js';
import type { ChildInput } from './protocol.js';
import { replay } from './replay.js';
import { stopAtOddMoments } from './stop-at-odd-moments.js';
import { tell } from './tell.js';
import { weigh } from './weigh.js';

process.on('exit', () => tell({ type: 'exiting', at: Date.now() }));

const { module, address, task } = JSON.parse(process.argv[2] ?? '') as ChildInput;
const adapter = (await import(module)) as {
  createVelo(cluster: ClusterAddress, options: VeloOptions): Velo;
};
const velo = adapter.createVelo(address, { env: {}, logger: { info() {}, warn() {}, error() {} } });

if (task.kind === 'consume') await consume(velo, task);
else if (task.kind === 'stop') await stopAtOddMoments(velo, task);
else if (task.kind === 'measure') await measure(velo, task);
else if (task.kind === 'replay') await replay(velo, task);
else await weigh(velo, task);
