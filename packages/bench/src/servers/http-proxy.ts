/** @fastify/http-proxy in front of an API, as its documentation shows: it passes on, and guards nothing. */
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

const [upstream = ''] = process.argv.slice(2);
const app = fastify();
await app.register(proxy, { upstream });
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
process.on('disconnect', () => process.exit(0));
