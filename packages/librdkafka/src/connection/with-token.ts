import type { RdKafkaAdmin, RdKafkaClient, RdKafkaProperties } from '../api.js';
import type { ClientLibrary } from '../facts.js';
import { OAUTHBEARER } from '../properties/check-properties.js';
import { listen } from './listen.js';
import type { TokenKeeper } from './token-keeper.js';

type Construct<C> = new (global: RdKafkaProperties, topic: RdKafkaProperties) => C;

/** The same library, whose clients get a token before they connect, and each later one for as long as they stay. */
export function withToken(library: ClientLibrary, tokens: TokenKeeper): ClientLibrary {
  const { asksForTokens } = library.facts;
  const answering = (global: RdKafkaProperties) =>
    asksForTokens ? { ...global, oauthbearer_token_refresh_cb: () => answer(tokens) } : global;
  const served = <C extends RdKafkaClient>(Client: Construct<C>): Construct<C> => {
    function Served(global: RdKafkaProperties, topic: RdKafkaProperties): C {
      if (!OAUTHBEARER.test(String(global['sasl.mechanisms']))) return new Client(global, topic);
      const client = new Client(answering(global), topic);
      serve(client, tokens);
      // What the callback rejects with; the log tells of it, and librdkafka asks again.
      if (asksForTokens) client.on('error', () => {});
      return client;
    }
    return Served as unknown as Construct<C>;
  };
  const answered = new WeakMap<RdKafkaAdmin, Promise<void>>();
  /** Made only after another client has connected, so there is a token. */
  const createAdmin = (global: RdKafkaProperties): RdKafkaAdmin => {
    if (!asksForTokens) return library.AdminClient.create(global, tokens.current);
    let resolve = () => {};
    const first = new Promise<void>((done) => {
      resolve = done;
    });
    const answerOnce = () => {
      const answering = answer(tokens);
      answering.finally(() => setImmediate(resolve)).catch(() => {});
      return answering;
    };
    const admin = library.AdminClient.create(
      { ...global, oauthbearer_token_refresh_cb: answerOnce },
      { error() {} },
    );
    answered.set(admin, first);
    return admin;
  };
  return {
    ...library,
    KafkaConsumer: served(library.KafkaConsumer),
    Producer: served(library.Producer),
    AdminClient: { create: createAdmin },
    // A question before that would hold up the token that it needs, and the event loop with it, until it is given up.
    ready: (admin) => answered.get(admin),
  };
}

/** As librdkafka's callback is to be answered. */
async function answer(tokens: TokenKeeper): Promise<object> {
  const { token, end } = await tokens.ask();
  return { tokenValue: token, lifetime: end, principal: '' };
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
