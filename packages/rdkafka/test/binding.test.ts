import { describeBinding } from '@velo/testkit/binding';
import { rdkafka } from './support.js';

describeBinding(rdkafka);
