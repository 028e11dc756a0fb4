import type { AdapterUnderTest } from './adapter.js';
import { describeAdapterContract } from './describe-adapter-contract.js';

/** The last of the line before, and the newest. */
const VERSIONS: readonly string[] = ['3.9.2', '4.4.0'];

/** Declares some of the contract's tests for an adapter, on versions of Kafka beside that of the whole contract. */
export function describeOtherKafkas(adapter: AdapterUnderTest): void {
  for (const kafka of VERSIONS) describeAdapterContract(adapter, { kafka });
}
