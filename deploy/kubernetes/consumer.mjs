// What the image of consumer.yaml runs: a consumer with probes and metrics. Its dependencies are @velo/kafkajs, kafkajs,
// @velo/prometheus, prom-client, and @velo/cli for the init container.
import { createServer } from 'node:http';
import { createVelo } from '@velo/kafkajs';
import { prometheus } from '@velo/prometheus';
import { Kafka } from 'kafkajs';
import { register } from 'prom-client';

const brokers = (process.env.VELO_BROKERS ?? 'localhost:9092').split(',');
const port = Number(process.env.PORT ?? 9464);

const velo = createVelo(new Kafka({ clientId: 'billing', brokers }), {
  observers: [prometheus({ register })],
});
const consumer = velo.consumer({
  groupId: 'billing',
  topics: ['orders'],
  startFrom: 'earliest',
  decode: (record) => JSON.parse(String(record.value)),
  handler: async (order) => {
    console.log(`charged order ${order.id}`);
  },
  retry: { tiers: ['5s', '1m', '10m'] },
});

// Kubernetes sends SIGTERM, and kills what is still there 30 s later.
velo.closeOn(['SIGTERM', 'SIGINT']);

// Before the start, so that probes are answered while brokers are waited for.
const server = createServer(async (request, response) => {
  const { live, ready, state } = consumer.health();
  if (request.url === '/live') response.writeHead(live ? 200 : 503).end(state);
  else if (request.url === '/ready') response.writeHead(ready ? 200 : 503).end(state);
  else if (request.url === '/metrics')
    response.setHeader('content-type', register.contentType).end(await register.metrics());
  else response.writeHead(404).end();
});
server.listen(port, () => console.log(`metrics at ${server.address().port}`));
// It keeps no process alive whose consumer has stopped.
server.unref();

await consumer.start();
