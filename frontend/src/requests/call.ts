/** What a request of Dash's asks for. */

export interface Call {
  output: string | null; // the callback's output; null for the layout and the table of callbacks
  changed: string[]; // the properties whose change asked for it
  poll: boolean; // whether it asks for the progress of a job
}

/** The call of a request; null for one that is not Dash's. */
export function parseCall(address: RequestInfo | URL, options?: RequestInit): Call | null {
  const url = new URL(address instanceof Request ? address.url : address, globalThis.location?.href ?? "http://page/");
  if (!url.pathname.includes("/_dash-")) return null;
  const { output, changedPropIds } = parseBody(options?.body);
  return {
    output: typeof output === "string" ? output : null,
    changed: Array.isArray(changedPropIds) ? changedPropIds : [],
    poll: url.searchParams.has("cacheKey"),
  };
}

function parseBody(body: unknown): Record<string, unknown> {
  try {
    return (typeof body === "string" && JSON.parse(body)) || {};
  } catch {
    return {};
  }
}
