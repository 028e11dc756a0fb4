import { createServer, type Server } from 'node:http';
import type { VeloConsumer } from '../../src/index.js';

/** Answers GET /live and GET /ready with 200 or 503, and with what each consumer tells of itself. */
export function serveProbes(consumers: readonly VeloConsumer[], port: number): Server {
  return createServer(({ url }, response) => {
    const probe = url === '/live' ? 'live' : url === '/ready' ? 'ready' : undefined;
    const healths = consumers.map((consumer) => consumer.health());
    const status = probe === undefined ? 404 : healths.every((health) => health[probe]) ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(probe === undefined ? [] : healths));
  }).listen(port);
}
