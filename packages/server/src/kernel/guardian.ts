/**
 * Guardian: ends a process when we end, however we end.
 *
 * A shell in a group of its own waits on a pipe that only we hold. The pipe closes when we exit, crash or are killed with
 * -9, and the shell then does what nobody else can. It compares the start of the process too, so that it never signals
 * another one that was given the same pid. When the process is gone before us, it does nothing.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

const script = `
born() { ps -o lstart= -p "$1" 2>/dev/null || cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null; }
pid=$1 first=$2 then=$3 remove=$4
was=$(born "$pid")
same() { [ -n "$was" ] && [ "$(born "$pid")" = "$was" ]; }
read _
same && kill -"$first" "$pid"
for i in $(seq 80); do same || break; sleep 0.1; done
same && kill -"$then" "$pid"
[ -z "$remove" ] || rm -rf "$remove"
`;

/** What is to end with us. */
export interface Ward {
  readonly pid: number;
  /** The signal that asks it to go, and the one that it gets when it is still there 8 s later. */
  readonly signals: readonly ['INT' | 'KILL', 'QUIT' | 'KILL'];
  /** A directory to remove then. */
  readonly remove?: string;
}

/** Signals a process after our end. */
export function endWithUs({ pid, signals, remove = '' }: Ward): void {
  const shell = spawn('sh', ['-c', script, 'guardian', String(pid), ...signals, remove], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined);
  // Neither the shell nor its pipe keeps us from ending.
  shell.unref();
  const pipe: unknown = shell.stdin;
  if (pipe instanceof Socket) pipe.unref();
}
