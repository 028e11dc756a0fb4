/** As velo's errors name the client. */
export const CLIENT = 'node-rdkafka';
