// No quirk itself: what linear-headers.ts, leaderless.ts and moved-leaders.ts have in common.
import { type AnswerReader, eachConnection, type PrivateCluster } from './private-cluster.js';

/**
 * Has a cluster read the brokers' answers to one kind of request in another way than kafkajs does. Of this cluster
 * alone: other kafkajs clients of the process read as ever.
 *
 * @param apiName as kafkajs has it: `Metadata`, `Fetch`
 */
export function readAnswers<T>(
  cluster: PrivateCluster,
  apiName: string,
  reader: (kafkajs: AnswerReader<T>, apiVersion: number) => AnswerReader<T>,
): void {
  eachConnection(cluster, (connection) => {
    const send = connection.send?.bind(connection);
    if (send === undefined) return;
    connection.send = (asked) => {
      const { request, response } = asked;
      if (request?.apiName !== apiName || response === undefined) return send(asked);
      const read = reader(response as AnswerReader<T>, request.apiVersion ?? 0);
      return send({ ...asked, response: read as AnswerReader });
    };
  });
}
