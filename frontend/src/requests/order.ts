/**
 * The order of a callback's requests. An answer that comes after one to a later request of the same callback is dropped: it
 * would draw an earlier choice over the present one. So would what has arrived for a choice, once another one is drawn.
 */

const JOB = "computed.data"; // a job that is under way is followed to its end
const ARRIVAL = "notice.children";

export class CallOrder {
  #count = 0;
  #newest = new Map<string, number>(); // by output, the number of the request that came last
  #answered = new Map<string, number>(); // likewise, of the last one that was answered
  #choices = 0; // drawn so far

  /** Number a request; to be called in the order in which the page asks. Requests without an output have no order. */
  enter(output: string | null) {
    this.#count += 1;
    const number = this.#count;
    if (output === null) return { isOvertaken: () => false, isLate: () => false, answer: (_: boolean) => {} };
    this.#newest.set(output, number);
    const choices = this.#choices;
    return {
      /** Whether a later request of the same callback has been made. */
      isOvertaken: () => this.#newest.get(output) !== number,
      /** Whether a later one has been answered; for what has arrived, whether a choice has been drawn since it was asked. */
      isLate: () =>
        output !== JOB &&
        ((this.#answered.get(output) ?? 0) > number || (output === ARRIVAL && this.#choices > choices)),
      answer: (drawsChoice: boolean) => {
        this.#answered.set(output, number);
        if (drawsChoice) this.#choices += 1;
      },
    };
  }
}
