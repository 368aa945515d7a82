/**
 * Event streams: the bodies of SSE answers, which may be ended before they are complete.
 *
 * A client takes the event `complete` for the end of the matter and does not come back. A server that stops ends the
 * answer without it: then clients connect again, and find another server or the next one.
 *
 * @see GraphQL over SSE, distinct connections mode
 */
type Bytes = Uint8Array<ArrayBuffer>;

export interface EventStreams {
  /** The same body, which ends early when these streams are closed. */
  carry(body: ReadableStream<Bytes>): ReadableStream<Bytes>;
  /** Ends all of them, and at once those that come later. */
  close(): void;
}

/** Knows of no stream yet. */
export function createEventStreams(): EventStreams {
  const ends = new Set<() => void>();
  let isClosed = false;
  return {
    carry(body) {
      const reader = body.getReader();
      let end = () => {};
      const forget = () => ends.delete(end);
      reader.closed.then(forget, forget);
      return new ReadableStream<Bytes>(
        {
          start(controller) {
            end = () => {
              controller.close();
              void reader.cancel().catch(() => {});
            };
            if (isClosed) end();
            else ends.add(end);
          },
          async pull(controller) {
            const { done, value } = await reader.read();
            if (isClosed) return;
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel: (reason) => reader.cancel(reason),
        },
        // Nothing is read ahead: a slow reader is to get what is new when it reads.
        { highWaterMark: 0 },
      );
    },
    close() {
      isClosed = true;
      for (const end of ends) end();
      ends.clear();
    },
  };
}
