/** The samplers of what the page shows; the server is asked for their tables once they are likely to be wanted. */
import { getProp, setProps } from "../page/dash.ts";
import { decodeBytes } from "../wire/base64.ts";
import { areFor, type Part, Sampler, type SentTables } from "./tables.ts";

const PATIENCE = 3000; // milliseconds before tables that have not come are asked for again

const samplers: Record<Part, Sampler | null> = { lines: null, plane: null };
const asked: Record<Part, number> = { lines: 0, plane: 0 };

/** The sampler of what the page shows; if there is none, its tables are asked for. */
export function samplerFor(part: Part) {
  const spec = getProp("request", "data")?.spec;
  if (!spec) return null;
  const sampler = samplers[part];
  if (sampler && areFor(sampler.sent, spec)) return sampler;
  if (performance.now() - asked[part] > PATIENCE) {
    asked[part] = performance.now();
    setProps(`tables-${part}-asked`, { data: Date.now() });
  }
  return null;
}

/** Take tables that have come, and tell whether there are any. */
export function takeTables(part: Part, sent: SentTables | null) {
  if (!sent?.points) return false;
  const tables = sent.tables.map((table) => new Float32Array(decodeBytes(table).buffer));
  samplers[part] = new Sampler(sent as SentTables & { points: number[] }, part, tables);
  return true;
}
