/** The samplers of what the page shows; the server is asked for their tables once they are likely to be wanted. */
import { getProp, setProps } from "../page/dash.ts";
import { decodeBytes } from "../wire/base64.ts";
import { areFor, type Part, Sampler, type SentTables } from "./tables.ts";

const PATIENCE = 3000; // milliseconds before tables of the same study that have not come are asked for again

type DrawableTables = SentTables & { points: number[] };

interface Taken {
  sent: SentTables;
  sampler: Sampler | null; // none where the browser cannot draw
}

const taken: Partial<Record<Part, Taken>> = {};
const asked: Partial<Record<Part, { study: string; time: number }>> = {};

/** The sampler of what the page shows; if nothing is known of it, its tables are asked for. */
export function samplerFor(part: Part) {
  const spec = getProp("request", "data")?.spec;
  if (!spec) return null;
  const known = taken[part];
  if (known && areFor(known.sent, spec)) return known.sampler;
  const study = JSON.stringify(spec);
  const time = performance.now();
  if (asked[part]?.study !== study || time - asked[part].time > PATIENCE) {
    asked[part] = { study, time };
    setProps(`tables-${part}-asked`, { data: Date.now() });
  }
  return null;
}

const readSampler = (part: Part, sent: DrawableTables) =>
  new Sampler(
    sent,
    part,
    sent.tables.map((table) => new Float32Array(decodeBytes(table).buffer)),
  );

/** Take tables that have come, and tell whether they are what the page shows; if they are too late, ask anew. */
export function takeTables(part: Part, sent: SentTables | null) {
  taken[part] = sent ? { sent, sampler: sent.points ? readSampler(part, sent as DrawableTables) : null } : undefined;
  return sent !== null && samplerFor(part) !== null;
}
