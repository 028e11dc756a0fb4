import { describeBinding } from '@velo/testkit/binding';
import { kafkajs } from './support.js';

describeBinding(kafkajs);
