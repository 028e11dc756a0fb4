import type { Enrichment, FilmFacts } from './enrichment-service.js';

/**
 * Asks the enrichment service about a film. A service that is down makes `fetch` fail with ECONNREFUSED or a closed
 * connection as its cause: failures that pass, which velo retries.
 */
export async function enrich(url: string, film: FilmFacts, signal: AbortSignal): Promise<Enrichment> {
  const { title, released, budget, worldwideGross } = film;
  const response = await fetch(`${url}/enrich`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, released, budget, worldwideGross }),
    signal,
  });
  if (!response.ok) throw new Error(`the enrichment service answered ${response.status}`);
  return (await response.json()) as Enrichment;
}
