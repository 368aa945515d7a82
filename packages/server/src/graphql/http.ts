/**
 * GraphQL over HTTP and SSE.
 *
 * @see GraphQL over HTTP specification; GraphQL over SSE, distinct connections mode
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../config.ts';
import { authorizationFields, sendRefusal, writeDecision } from '../guard/answer.http.ts';
import { clientAddress, forwardedFor } from '../guard/client-address.ts';
import type { Streams } from '../guard/streams.ts';
import type { Clock } from '../kernel/clock.ts';
import { sendProblem } from '../kernel/problem.http.ts';
import { webHeaders, webRequest } from '../kernel/web-request.ts';
import type { KeyUse } from '../keys/seen.ts';
import type { RequestNotes } from '../requests/requests.ts';
import type { Engine } from './engine.ts';
import { endWithRight, noteUse } from './entered.ts';
import type { Entrance } from './entrance.ts';
import { createEventStreams, type EventStreams } from './event-streams.ts';

interface Needs {
  readonly engine: Engine;
  readonly entrance: Entrance;
  readonly streams: Streams;
  readonly requests: RequestNotes;
  readonly keyUse: KeyUse;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

export interface HttpDoor {
  /** Ends every event stream so that its client comes back. */
  close(): void;
}

/** Adds `/graphql`. Bodies are JSON of at most 100 kB; forms and multipart, which foreign pages can send, are not read. */
export function addGraphqlHttp(app: FastifyInstance, needs: Needs): HttpDoor {
  const { engine, entrance, streams, publicUrl, trustedProxies } = needs;
  const eventStreams = createEventStreams();
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));

    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const startedAt = performance.now();
        const headers = webHeaders(request);
        const address = clientAddress(request.socket.remoteAddress, forwardedFor(request.raw), trustedProxies);
        const entry = await entrance.enter({ authorization: authorizationFields(request.raw), headers, address });
        const note = (status: number) => {
          const { id, method } = request;
          const userAgent = request.headers['user-agent'];
          noteUse(needs, entry, { id, method, status, userAgent, address, durationMs: performance.now() - startedAt });
        };
        if (entry.kind === 'refused') {
          sendRefusal(reply, publicUrl, entry.decision);
          note(reply.statusCode);
          return reply;
        }
        if (entry.kind === 'foreign') return sendProblem(reply, publicUrl, entry.problem);
        if (entry.kind === 'key') writeDecision(reply, entry.admission);
        // It was read as JSON: the engine does not know other spellings of the type.
        if (request.body !== undefined) headers.set('content-type', 'application/json');
        const answer = await engine.fetch(webRequest(request, publicUrl, headers), {
          caller: entry.caller,
          requestId: request.id,
          onStream: (end) => endWithRight(streams, entry, end),
        });
        note(answer.status);
        return sendAnswer(reply, answer, eventStreams);
      },
    });
  });
  return eventStreams;
}

function sendAnswer(reply: FastifyReply, answer: Response, eventStreams: EventStreams): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) {
    // Whether the connection stays is the listener's to say, also of a stream: a client may ask for its end.
    if (name !== 'connection') reply.header(name, value);
  }
  // An answer may carry a secret or what only this viewer may see.
  reply.header('cache-control', 'no-store');
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  return reply.send(isStream && answer.body !== null ? eventStreams.carry(answer.body) : answer.body);
}
