import { describeBinding } from '@velo/testkit/binding';
import { platformatic } from './support.js';

describeBinding(platformatic);
