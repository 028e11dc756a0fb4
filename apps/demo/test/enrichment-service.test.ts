import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { enrich } from '../src/films/enrich.js';
import {
  type EnrichmentService,
  enrichmentOf,
  startEnrichmentService,
} from '../src/films/enrichment-service.js';

const FILM = { title: 'Mais où est donc 8½?', released: '1998-06-12', budget: 200, worldwideGross: 500 };
const never = new AbortController().signal;

let service: EnrichmentService | undefined;

afterEach(() => service?.stop());

describe('enrichmentOf', () => {
  it('adds what the figures say', () => {
    expect(enrichmentOf(FILM)).toEqual({
      decade: '1990s',
      slug: 'mais-où-est-donc-8½',
      returnOnBudget: 2.5,
      verdict: 'hit',
    });
  });

  it.each([
    { budget: 100, worldwideGross: 200, verdict: 'hit' },
    { budget: 100, worldwideGross: 100, verdict: 'even' },
    { budget: 100, worldwideGross: 0, verdict: 'flop' },
    { budget: 0, worldwideGross: 100, verdict: 'unknown' },
    { budget: null, worldwideGross: 100, verdict: 'unknown' },
    { budget: 100, worldwideGross: null, verdict: 'unknown' },
  ])('judges $worldwideGross over $budget as $verdict', ({ budget, worldwideGross, verdict }) => {
    expect(enrichmentOf({ ...FILM, budget, worldwideGross }).verdict).toBe(verdict);
  });
});

describe('the enrichment service', () => {
  it('answers on loopback only', async () => {
    service = await startEnrichmentService();
    expect(new URL(service.url).hostname).toBe('127.0.0.1');
    expect(await enrich(service.url, FILM, never)).toEqual(enrichmentOf(FILM));
    expect(service.answered).toBe(1);
  });

  it('is really down: the connection is refused, and one that was open is gone', async () => {
    service = await startEnrichmentService();
    const open = connect(Number(new URL(service.url).port), '127.0.0.1');
    await new Promise((resolve) => open.once('connect', resolve));
    const closed = new Promise((resolve) => open.once('close', resolve));
    await service.takeDown();
    await closed;
    const failure = await enrich(service.url, FILM, never).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect((failure as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('comes back on the same port, as often as wanted', async () => {
    service = await startEnrichmentService();
    const { url } = service;
    for (let time = 0; time < 3; time++) {
      await service.takeDown();
      await service.takeDown();
      await service.bringUp();
      await service.bringUp();
      expect(service.url).toBe(url);
      expect(await enrich(url, FILM, never)).toMatchObject({ decade: '1990s' });
    }
  });

  it('answers nothing else, and survives a request that makes no sense', async () => {
    service = await startEnrichmentService();
    expect((await fetch(`${service.url}/other`)).status).toBe(404);
    await expect(fetch(`${service.url}/enrich`, { method: 'POST', body: '{' })).rejects.toThrow();
    expect(await enrich(service.url, FILM, never)).toMatchObject({ verdict: 'hit' });
  });

  it('says the status of an answer that is no success', async () => {
    service = await startEnrichmentService();
    await expect(enrich(`${service.url}/x`, FILM, never)).rejects.toThrow(
      'the enrichment service answered 404',
    );
  });
});
