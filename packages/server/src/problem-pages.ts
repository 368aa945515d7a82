/** Problem pages: where the `type` of a problem leads. Plain text, for people who followed the link. */
import { isProblemCode, problems } from '@gatekey/shared';
import type { FastifyInstance } from 'fastify';

/** Adds `/problems/<code>`. */
export function addProblemPages(app: FastifyInstance): void {
  app.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const { code } = request.params;
    if (!isProblemCode(code)) return reply.callNotFound();
    const { status, title, help } = problems[code];
    return reply.type('text/plain; charset=utf-8').send(`${title}\n\n${help}\n\nstatus ${status}, code ${code}\n`);
  });
}
