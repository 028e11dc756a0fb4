export type * from './api.js';
export { type ClientOptions, openLibrdKafkaClient } from './client.js';
export type { TokenSource } from './connection/token-keeper.js';
export { createVeloOver, type LibrdKafkaVeloOptions } from './create-velo.js';
export { CODES, codeOf, LibrdKafkaError } from './errors/codes.js';
export { type ClientFacts, type ClientLibrary, withFacts } from './facts.js';
export { PROPERTY_NAMES } from './properties/property-names.js';
