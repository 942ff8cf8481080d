/** The urn: a ball for each sample, lit while its point draws it. */
import { all, element, escapeHtml } from "../page/dom.ts";
import { type Line, nameOfSample } from "./line.ts";

const SHAPES = [
  '<circle r="5" />',
  '<rect x="-4.5" y="-4.5" width="9" height="9" />',
  '<path d="M0 -5.6 L5.4 4.2 L-5.4 4.2 Z" />',
  '<path d="M0 -6 L6 0 L0 6 L-6 0 Z" />',
];
const COLOURS = ["--blue", "--orange", "--green", "--pink"];
const FEW_COLOURS = ["--green", "--pink", "--yellow", "--violet"]; // those of the lines of the parabolas
const FEW = 10; // fewer samples than that are parabolas
const ACROSS = 10; // balls in a row
const LARGE = 4; // fewer than that of a kind are drawn large
const LISTED = 12; // samples that are named

/** The balls of one kind, as HTML. */
function drawKind(line: Line, name: string, kind: number) {
  const own = [...line.kinds].flatMap((one, sample) => (one === kind ? [sample] : []));
  if (own.length === 0) return "";
  const across = Math.min(ACROSS, own.length);
  const [size, scale] = own.length < LARGE ? [40, 2.6] : [15, 1];
  const balls = own.map((sample, at) => {
    const x = size * ((at % across) + 0.5);
    const y = size * (Math.floor(at / across) + 0.5);
    return (
      `<g class="ball" data-sample="${sample}" transform="translate(${x} ${y}) scale(${scale})">` +
      `<title>${line.one} ${nameOfSample(line, sample)}</title>${SHAPES[kind % 4]}</g>`
    );
  });
  const colour = (line.samples < FEW ? FEW_COLOURS : COLOURS)[kind % 4];
  const wide = size * across;
  const high = size * Math.ceil(own.length / across);
  const [first, last] = [own[0] + 1, own[own.length - 1] + 1];
  const ranges = last - first + 1 === own.length; // else the classes are mixed, and their number is told
  const told = ranges ? [`${first} to ${last}`, `${first}–${last}`] : [`${own.length} of them`, `(${own.length})`];
  const [spoken, label] =
    line.one === "parabola" ? [name, name] : [`${name}, ${told[0]}`, `${name} <span>${told[1]}</span>`];
  return (
    `<figure aria-label="${spoken}"><svg viewBox="0 0 ${wide} ${high}" style="--kind: var(${colour})" aria-hidden="true">${balls.join("")}` +
    "</svg>" +
    `<figcaption>${label}</figcaption></figure>`
  );
}

export function fillUrn(line: Line) {
  const urn = element("oracle-balls");
  urn.innerHTML = line.names.map((name, kind) => drawKind(line, escapeHtml(name), kind)).join("");
  urn.classList.toggle("few", line.samples < FEW);
}

/** Light the balls that a point draws, and name them; point −1: nothing is drawn yet. */
export function lightBalls(line: Line, point: number, samples: number[]) {
  const lit = new Set(samples);
  for (const ball of all(".ball", element("oracle-balls"))) {
    ball.classList.toggle("drawn", lit.has(Number(ball.dataset.sample)));
  }
  const names = samples.map((sample) => nameOfSample(line, sample));
  const listed = names.slice(0, LISTED).join(", ") + (names.length > LISTED ? ` … (${names.length})` : "");
  element("oracle-listed").textContent = point < 0 ? "Nothing drawn yet." : `Drawn at point ${point + 1}: ${listed}`;
}
