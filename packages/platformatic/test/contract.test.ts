import { describeAdapterContract } from '@velo/testkit/contract';
import { adapter } from './adapter.js';

describeAdapterContract(adapter);
