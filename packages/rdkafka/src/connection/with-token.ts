import { OAUTHBEARER } from '@velo/librdkafka';
import type { RdKafka, RdKafkaClient, RdKafkaProperties } from '../api.js';
import { listen } from './listen.js';
import type { TokenKeeper } from './token-keeper.js';

type Construct<C> = new (global: RdKafkaProperties, topic: RdKafkaProperties) => C;

/** The same library, whose clients get a token before they connect, and each later one for as long as they stay. */
export function withToken(library: RdKafka, tokens: TokenKeeper): RdKafka {
  const served = <C extends RdKafkaClient>(Client: Construct<C>): Construct<C> => {
    function Served(global: RdKafkaProperties, topic: RdKafkaProperties): C {
      const client = new Client(global, topic);
      if (OAUTHBEARER.test(String(global['sasl.mechanisms']))) serve(client, tokens);
      return client;
    }
    return Served as unknown as Construct<C>;
  };
  return {
    ...library,
    KafkaConsumer: served(library.KafkaConsumer),
    Producer: served(library.Producer),
    // Made only after another client has connected, so there is a token.
    AdminClient: { create: (global) => library.AdminClient.create(global, tokens.current) },
  };
}

function serve(client: RdKafkaClient, tokens: TokenKeeper): void {
  const connect = client.connect.bind(client);
  client.connect = (options, callback) => {
    tokens.serve(client).then(
      () =>
        connect(options, (error, info) => {
          if (error) tokens.forget(client);
          callback(error, info);
        }),
      callback,
    );
  };
  listen(client, 'disconnected', () => tokens.forget(client));
}
