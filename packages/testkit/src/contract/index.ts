export type { AdapterCapabilities, AdapterUnderTest, ClusterAddress } from './adapter.js';
export { describeAdapterContract } from './describe-adapter-contract.js';
export { describeOtherKafkas } from './describe-other-kafkas.js';
export { Observer } from './harness/observer.js';
