import { startEmbeddedBroker } from '@velo/testkit';
import { it } from 'vitest';
import { createVelo, openKafkaJsClient } from '../src/index.js';
import { kafkaOn, record, sleep, unique } from './support.js';
it('chaos', async () => {
  const broker = await startEmbeddedBroker({ brokers: 3 });
  const topic = unique('orders');
  const P = 6;
  broker.createTopic(topic, { partitions: P });
  const shared = kafkaOn(broker);
  const seen = new Map<string, number>();
  let sent = 0; let stop = false;
  const client = openKafkaJsClient(kafkaOn(broker));
  const failures: Record<string, number> = {};
  const sender = (async () => {
    while (!stop) {
      let todo = Array.from({ length: 20 }, () => record(topic, sent % P, `v${sent++}`));
      while (todo.length > 0) {
        const outcomes = await client.publish(todo);
        todo = todo.filter((_, i) => { const o = outcomes[i]!; if (!o.written) { const k = String((o.error as Error).message).slice(0, 60); failures[k] = (failures[k] ?? 0) + 1; } return !o.written; });
        if (todo.length) await sleep(20);
      }
      await sleep(5);
    }
  })();
  const events: Record<string, number> = {};
  const make = async (same: boolean) => {
    const velo = createVelo(same ? shared : kafkaOn(broker), { logger: { info() {}, warn(m: string) { const k = m.slice(0, 90); events[k] = (events[k] ?? 0) + 1; }, error(m: string) { console.log('E', m); } } });
    const c = velo.consumer({ groupId: 'g', topics: [topic], startFrom: 'earliest', handler: async (r) => { await null; const k = String(r.value); seen.set(k, (seen.get(k) ?? 0) + 1); } });
    for (const e of ['crashed', 'dead', 'commitFailed'] as const) c.on(e, (x: any) => { if (e === 'dead') console.log('DEAD', x.error?.stack, x.error?.cause); events[e] = (events[e] ?? 0) + 1; });
    await c.start();
    return velo;
  };
  const base = await make(true);
  const second = await make(true);
  const end = Date.now() + 20000;
  let third: Awaited<ReturnType<typeof make>> | undefined;
  while (Date.now() < end) {
    const dice = Math.random();
    if (dice < 0.4) { if (third) { await third.close(); third = undefined; } else third = await make(Math.random() < 0.5); }
    else if (dice < 0.7) broker.setLeader(topic, Math.floor(Math.random() * P), 1 + Math.floor(Math.random() * 3));
    else if (dice < 0.8) broker.setCoordinator('group', 'g', 1 + Math.floor(Math.random() * 3));
    else if (dice < 0.9) broker.pushErrors('Heartbeat', [27]);
    await sleep(200 + Math.random() * 400);
  }
  stop = true; await sender;
  const t0 = Date.now();
  while (seen.size < sent && Date.now() < t0 + 20000) await sleep(50);
  console.log({ sent, seen: seen.size, doubles: [...seen.values()].filter((n) => n > 1).length, settle: Date.now() - t0, failures, events });
  await sleep(1500);
  const asked = Array.from({ length: P }, (_, partition) => ({ topic, partition }));
  console.log((await client.committed('g', asked)).map((c) => c.offset), (await client.offsets(asked)).map((o) => o.latest));
  const missing = []; for (let i = 0; i < sent; i++) if (!seen.has(`v${i}`)) missing.push(i); console.log('missing', missing.slice(0, 20));
  await base.close(); await second.close(); await third?.close(); await client.close();
  await sleep(300);
  console.log(process.getActiveResourcesInfo().filter((x) => x !== 'PipeWrap'));
  await broker.stop();
}, 90000);
