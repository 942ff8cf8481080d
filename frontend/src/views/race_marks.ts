/** The marks of a race: points, numbers and brackets that Plotly has drawn, and when each is seen. */
import { all } from "../page/dom.ts";

/** Seen from step `since` on, and before `until`. */
export type Mark = { node: Element; since: number; until: number };

/** What Plotly drew an element from. */
const datum = (node: Element): any => (node as any).__data__;

export function findMarks() {
  return all("#race-line .scatterlayer > .trace").flatMap((group) => {
    const { meta } = datum(group)[0].trace;
    const mark = (node: Element, index: number): Mark => ({
      node,
      since: meta?.since ? meta.since[index] : 0,
      until: meta?.since ? meta.until[index] : Number.POSITIVE_INFINITY,
    });
    return [
      ...all(".point, .textpoint", group).map((node) => mark(node, datum(node).i)),
      // of a bracket there is a line for each step: two ends and a gap
      ...all(".js-line", group).map((node, index) => mark(node, 3 * index)),
    ];
  });
}

export function showMarks(marks: Mark[], step: number) {
  for (const { node, since, until } of marks) node.classList.toggle("on", since <= step && step < until);
}
