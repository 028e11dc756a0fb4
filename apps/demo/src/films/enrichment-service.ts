import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Only this machine can reach the service. */
const HOST = '127.0.0.1';

/** What the service adds to a film. */
export interface Enrichment {
  /** `1990s`. */
  readonly decade: string;
  /** Lower-case words joined by `-`. */
  readonly slug: string;
  /** Worldwide gross over budget, two decimals; `null` where one of them is unknown. */
  readonly returnOnBudget: number | null;
  readonly verdict: 'hit' | 'even' | 'flop' | 'unknown';
}

export interface EnrichmentService {
  readonly url: string;
  /** Requests answered. */
  readonly answered: number;
  /** Really closes: the port is free, open connections are destroyed. */
  takeDown(): Promise<void>;
  /** Listens again on the same port. */
  bringUp(): Promise<void>;
  /** Takes it down for good. */
  stop(): Promise<void>;
}

/** Starts the small HTTP service that films are enriched by: `POST /enrich` on a loopback port of its own. */
export async function startEnrichmentService(): Promise<EnrichmentService> {
  const counter = { answered: 0 };
  let server: Server | undefined = await listen(0, counter);
  const { port } = server.address() as AddressInfo;
  const takeDown = async () => {
    const running = server;
    server = undefined;
    if (running !== undefined) await close(running);
  };
  return {
    url: `http://${HOST}:${port}`,
    get answered() {
      return counter.answered;
    },
    takeDown,
    bringUp: async () => {
      server ??= await listen(port, counter);
    },
    stop: takeDown,
  };
}

/** What is known of a film from its own figures. */
export function enrichmentOf(film: FilmFacts): Enrichment {
  const { budget, worldwideGross } = film;
  const known = budget !== null && budget > 0 && worldwideGross !== null;
  const returnOnBudget = known ? Math.round((100 * worldwideGross) / budget) / 100 : null;
  return {
    decade: `${film.released.slice(0, 3)}0s`,
    slug: film.title
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean)
      .join('-'),
    returnOnBudget,
    verdict: verdictOf(returnOnBudget),
  };
}

/** What the service is asked with. */
export interface FilmFacts {
  readonly title: string;
  readonly released: string;
  readonly budget: number | null;
  readonly worldwideGross: number | null;
}

function verdictOf(returnOnBudget: number | null): Enrichment['verdict'] {
  if (returnOnBudget === null) return 'unknown';
  if (returnOnBudget >= 2) return 'hit';
  return returnOnBudget >= 1 ? 'even' : 'flop';
}

function listen(port: number, counter: { answered: number }): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).then(
      () => counter.answered++,
      () => response.destroy(),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/enrich') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const film = JSON.parse(Buffer.concat(chunks).toString()) as FilmFacts;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(enrichmentOf(film)));
}
