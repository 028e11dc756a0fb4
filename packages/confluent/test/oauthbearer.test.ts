import { javaAvailable, startKafka } from '@velo/testkit';
import { describeTokens } from '@velo/testkit/binding';
import { createVelo } from '../src/index.js';
import { clientOn } from './support.js';

describeTokens({
  clientOn,
  createVelo,
  startKafka: javaAvailable() ? startKafka : undefined,
  life: 6_000,
  asks: [3, 6],
});
