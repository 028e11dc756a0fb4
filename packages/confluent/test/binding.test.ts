import { describeBinding } from '@velo/testkit/binding';
import { confluent } from './support.js';

describeBinding(confluent);
