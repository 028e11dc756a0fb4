import type { Address } from '../api.js';

/** As a broker is known by. */
export const addressOf = ({ host, port }: Address): string => `${host}:${port}`;
