import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Observer, VeloConsumer } from '@velo/kafkajs';
import { DemoError } from '../demo-error.js';

/** Only this machine can reach it. */
const HOST = '127.0.0.1';

/** What a run can be watched by over HTTP: metrics for Prometheus, probes for Kubernetes. */
export interface WatchServer {
  readonly url: string;
  /** For `createVelo`. */
  readonly observer: Observer;
  /** Whose health the probes tell from now on. */
  watch(consumer: VeloConsumer): void;
  stop(): Promise<void>;
}

/**
 * Serves `/metrics`, `/live` and `/ready`.
 *
 * @param port 0: any that is free
 * @throws {DemoError} if the port is taken
 */
export async function startWatchServer(port: number): Promise<WatchServer> {
  // Loaded only where somebody asks for it: the demo is to be small.
  const { Registry } = await import('prom-client');
  const { prometheus } = await import('@velo/prometheus');
  const register = new Registry();
  const observer = prometheus({ register });
  let consumer: VeloConsumer | undefined;
  const answer = async (
    path: string | undefined,
  ): Promise<{ status: number; type: string; text: string }> => {
    const plain = (status: number, text: string) => ({ status, type: 'text/plain', text });
    if (path === '/metrics')
      return { status: 200, type: register.contentType, text: await register.metrics() };
    if (path !== '/live' && path !== '/ready') return plain(404, 'There are /metrics, /live and /ready.');
    const health = consumer?.health();
    const isWell = path === '/live' ? (health?.live ?? true) : (health?.ready ?? false);
    return plain(isWell ? 200 : 503, health?.state ?? 'not started');
  };
  const server = createServer((request, response) => {
    answer(request.url).then(
      ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(`${text}\n`),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await listen(server, port);
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    observer,
    watch: (watched) => {
      consumer = watched;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new DemoError(`--watch ${port}: the port cannot be had (${error.message}). Choose another, or 0.`),
      ),
    );
    server.listen(port, HOST, () => resolve());
  });
}
