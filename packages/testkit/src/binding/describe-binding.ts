import { describe } from 'vitest';
import type { BindingUnderTest } from './binding-under-test.js';
import { committing } from './suites/committing.js';
import { crashing } from './suites/crashing.js';
import { feeding } from './suites/feeding.js';
import { joining } from './suites/joining.js';
import { leaderless } from './suites/leaderless.js';
import { pausing } from './suites/pausing.js';
import { publishing } from './suites/publishing.js';
import { rebalancing } from './suites/rebalancing.js';
import { topics } from './suites/topics.js';

const suites = [joining, feeding, pausing, committing, crashing, rebalancing, publishing, topics, leaderless];

/** Declares the tests that every `ClientBinding` passes by itself, without the engine, on the embedded broker. */
export function describeBinding(binding: BindingUnderTest): void {
  describe(`the binding: ${binding.name}`, () => {
    for (const declare of suites) declare(binding);
  });
}
