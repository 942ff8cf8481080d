/** The tones of a line: pitch for the loss, noise while the slope is negative, louder at each apparent minimum. */

export interface Tone {
  octave: number | null; // above the lowest tone, 0 to 2; null where the loss is not finite: nothing changes there
  negative: boolean; // whether the slope is
  minimum: boolean;
}

/** One tone for each point. */
export function tonesOf(loss: number[], slope: number[]): Tone[] {
  const finite = loss.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  return loss.map((value, index) => ({
    octave: Number.isFinite(value) ? (2 * (value - low)) / (high - low || 1) : null,
    negative: slope[index] < 0,
    minimum: index > 0 && index < loss.length - 1 && loss[index - 1] > value && value < loss[index + 1],
  }));
}
