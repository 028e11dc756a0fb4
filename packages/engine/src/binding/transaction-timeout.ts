/** After so long the brokers abort the transaction of a process that has died, ms. Its readers wait until then. */
export const TRANSACTION_TIMEOUT = 10_000;
