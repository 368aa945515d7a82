/**
 * Session news: one tab tells the others that somebody signed in or out, or looks at another workspace.
 *
 * All tabs share one cookie, so what one of them does is true for all: a page that went on would show one person's data
 * and act as another.
 */

const channelName = 'gatekey-session';

/** Tells the other tabs. */
export function tellSessionChanged(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(null);
  channel.close();
}

/** Hears it from other tabs. @returns how to stop listening */
export function onSessionChanged(listener: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = () => listener();
  return () => channel.close();
}
