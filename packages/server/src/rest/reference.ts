/**
 * Reference: the OpenAPI document for people to read and try, all of it from this server.
 *
 * The page may run our own two scripts, style itself, and ask this server: nothing else, and no page may frame it.
 */
import fastify, { type FastifyInstance } from 'fastify';
import { openApiPath } from './openapi.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gatekey API</title>
    <link rel="icon" href="/icon.svg">
  </head>
  <body>
    <div id="reference"></div>
    <script src="/reference/viewer.js"></script>
    <script src="/reference/start.js"></script>
  </body>
</html>
`;

/** What the viewer shows; what it would ask its makers' servers for is off. */
const configuration = {
  url: openApiPath,
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
};
const start = `Scalar.createApiReference('#reference', ${JSON.stringify(configuration)});\n`;

/** Adds `/reference`. */
export function addReference(app: FastifyInstance): void {
  let viewer: Promise<Buffer> | undefined;
  app.get('/reference', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' })
      .send(page),
  );
  app.get('/reference/start.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(start),
  );
  app.get('/reference/viewer.js', async (_request, reply) => {
    viewer ??= readViewer();
    const script = await viewer;
    // 5 MB, and others only with another version of Gatekey.
    return reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=86400').send(script);
  });
}

/**
 * The script of the viewer. Its package has it as a text inside a Fastify plugin, which costs a start 0.2 s and 35 MB: so
 * it is read when somebody first opens the page.
 */
async function readViewer(): Promise<Buffer> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const holder = fastify();
  await holder.register(reference, { configuration: { url: openApiPath } });
  const answer = await holder.inject('/reference/js/scalar.js');
  await holder.close();
  return answer.rawPayload;
}
