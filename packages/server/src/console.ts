/**
 * Console: the built single-page application, from the same origin as the API.
 *
 * Any path that a browser navigates to gets the page, those of signing in and up a lighter one; scripts and styles carry
 * their hash in the name and are cached for good.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Adds the files of the console. @param root  absolute path of its build */
export function addConsole(app: FastifyInstance, root: string): void {
  app.register(fastifyStatic, {
    root,
    wildcard: false,
    index: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Signing in and up have a document of their own, which brings no application. */
const signInPath = /^\/(login|signup)\/?(\?|$)/;

/** Sends the page for a navigation; tells whether it was one. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, root: string): boolean {
  const isNavigation = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
  const page = signInPath.test(request.url) ? 'sign-in.html' : 'index.html';
  if (!isNavigation || !existsSync(join(root, page))) return false;
  void reply.header('cache-control', 'no-cache').sendFile(page, root);
  return true;
}
