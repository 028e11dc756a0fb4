import { describeOtherKafkas } from '@velo/testkit/contract';
import { adapter } from './adapter.js';

describeOtherKafkas(adapter);
