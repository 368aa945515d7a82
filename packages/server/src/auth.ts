/** Auth: `/api/auth/*`, answered by better-auth with the client address that our own code determined. */
import type { FastifyInstance } from 'fastify';
import type { Accounts } from './accounts/accounts.ts';
import type { Config } from './config.ts';
import { clientAddress, forwardedFor } from './guard/client-address.ts';
import { sendProblem } from './kernel/problem.http.ts';
import { webHeaders, webRequest } from './kernel/web-request.ts';

interface Needs {
  readonly accounts: Accounts;
  readonly publicUrl: string;
  readonly trustedProxies: Config['trustedProxies'];
}

/** Adds the account routes. Bodies are JSON of at most 100 kB. */
export function addAuth(app: FastifyInstance, { accounts, publicUrl, trustedProxies }: Needs): void {
  app.register(async (scope) => {
    // better-auth reads the body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));

    scope.route({
      method: ['GET', 'POST'],
      url: '/api/auth/*',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const headers = webHeaders(request);
        const address = clientAddress(request.socket.remoteAddress, forwardedFor(request.raw), trustedProxies);
        const answer = await accounts.handle(webRequest(request, publicUrl, headers), address);
        if (answer instanceof Response) return answer;
        const { problem, retryAfterSeconds } = answer;
        if (retryAfterSeconds === undefined) return sendProblem(reply, publicUrl, problem);
        reply.header('retry-after', String(retryAfterSeconds));
        return sendProblem(reply, publicUrl, problem, { retry_after: retryAfterSeconds });
      },
    });
  });
}
