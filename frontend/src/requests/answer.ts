/** Whole answers: head and body are one attempt. */

const STALLED = 20_000; // milliseconds without a byte of a body that has begun

/** Read a body to its end; `abort` is called when no more of it comes. */
async function readBody(response: Response, abort: () => void) {
  const parts = [];
  const reader = response.body?.getReader();
  while (reader) {
    const timer = setTimeout(abort, STALLED);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) break;
    parts.push(value);
  }
  return new Blob(parts);
}

/**
 * Ask once, and read the answer to its end. Null: nobody answers, or the answer broke off. A body that ends with its
 * connection breaks off without an error, so JSON must be JSON. Throws if the caller gave the request up.
 */
export async function fetchWhole(send: typeof fetch, address: RequestInfo | URL, options?: RequestInit) {
  const controller = new AbortController();
  const signal = options?.signal;
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    const response = await send(address, { ...options, signal: controller.signal });
    const body = await readBody(response, abort);
    if (response.ok && response.headers.get("Content-Type")?.startsWith("application/json")) {
      JSON.parse(await body.text());
    }
    const { status, statusText, headers } = response;
    return new Response(body.size > 0 ? body : null, { status, statusText, headers });
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
