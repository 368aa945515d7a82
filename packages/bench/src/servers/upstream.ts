/** An API behind: any path answers as a ping does. */
import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  const body = JSON.stringify({
    ok: true,
    key_id: 'key_01kd3v7zzk2m5q8r9t0w1x2y3z',
    workspace_id: 'ws_01kd3v7zzk2m5q8r9t0w1x2y3z',
    at: new Date().toISOString(),
  });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.on('disconnect', () => process.exit(0));
