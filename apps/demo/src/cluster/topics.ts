/** The topics of one run. */
export interface DemoTopics {
  readonly groupId: string;
  /** Where the films are produced. */
  readonly source: string;
  /** Where the handler writes the enriched films. */
  readonly output: string;
  readonly deadLetters: string;
  readonly tiers: readonly string[];
}

/**
 * velo's default names. `run` parts the topics and groups of runs that share a Kafka; each run wants a topic that
 * does not exist yet.
 */
export function demoTopics(tiers: readonly number[], run?: string): DemoTopics {
  const source = run === undefined ? 'films' : `velo-demo-films-${run}`;
  const groupId = run === undefined ? 'enrich' : `enrich_${run}`;
  return {
    groupId,
    source,
    output: `${source}-enriched`,
    deadLetters: `${source}-${groupId}-dlt`,
    tiers: tiers.map((ms) => `${source}-${groupId}-retry-${ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`}`),
  };
}

export function allTopics({ source, output, deadLetters, tiers }: DemoTopics): string[] {
  return [source, output, deadLetters, ...tiers];
}
