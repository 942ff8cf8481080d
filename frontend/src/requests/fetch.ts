/** The one place where requests are wrapped. */
import { fetchWhole } from "./answer.ts";
import { type Call, parseCall } from "./call.ts";
import { CallOrder } from "./order.ts";

export const AWAY = "The server is not responding. Retrying …";
export const GONE = "The server does not answer. Try again later.";
export const FORGOTTEN = "The server has forgotten this computation. The page asks again.";

const PATIENCE = 180_000; // milliseconds for which the server is asked again; for what the page starts with, for ever
const FIRST_PAUSE = 1500; // milliseconds between two attempts, unless the server names a time
const LONGEST_PAUSE = 15_000;
const QUEUE_PAUSE = 300; // milliseconds for each place in the queue, beside Dash's own interval
const LONGEST_QUEUE_PAUSE = 2000;
const STATUS = { gone: 410, tooFast: 429, restarting: [502, 503, 504] }; // a proxy in front says that it restarts
const DRAWS_CHOICE = "X-Batchscape-Draws"; // app/callbacks/controls.py sets it
const FOLLOWS_CHOICE = "pending.data"; // the task that a choice needs

type Turn = ReturnType<CallOrder["enter"]>;

/** What the wrapper does to the page. */
interface Page {
  placeInQueue: () => number; // 0 when the page's job runs, or there is none
  surfacesPainted: () => Promise<void>;
  reportTrouble: (request: object, text: string) => void; // what stands in the way at present
  clearTrouble: (request: object) => void;
  showNotice: (text: string) => void; // what has gone wrong
  askAgain: () => void; // compute anew what the server has forgotten
  sleep: (milliseconds: number) => Promise<void>;
}

/**
 * Milliseconds until the next attempt, `seconds` if the server names a time; `attempt` is 0 for the first pause. Not the same
 * for all, as a class waits behind one address.
 */
export const pauseAfter = (attempt: number, seconds?: number, random = Math.random()) =>
  (seconds ? 1000 * seconds : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** attempt)) * (1 + random / 2);

/**
 * A `fetch` that brings Dash's requests through. Its steps, in order:
 *
 * 1. read what is asked for, and number it in the order in which the page asks;
 * 2. a page that waits far back in the queue polls less often: the answers of a class would take the time of its studies;
 * 3. computing for a choice waits until the surfaces that came with it are painted: both take the processor;
 * 4. ask, and read the whole answer;
 * 5. while the server is away or says that the page is too fast: say so, pause, and go back to 2, until a later request of
 *    the same callback has been made;
 * 6. a job that the server has forgotten is asked for anew;
 * 7. an answer that comes too late, or draws a choice that another one has followed, is dropped; what an error says is shown.
 */
export function wrapFetch(send: typeof fetch, page: Page): typeof fetch {
  const order = new CallOrder();
  const nothing = () => new Response(null, { status: 204 });

  /** Steps 2 to 4. */
  async function attempt(call: Call, address: RequestInfo | URL, options?: RequestInit) {
    const place = call.poll ? page.placeInQueue() : 0;
    if (place > 0) await page.sleep(Math.min(LONGEST_QUEUE_PAUSE, QUEUE_PAUSE * place));
    const computes = !call.poll && call.changed.length === 1 && call.changed[0] === FOLLOWS_CHOICE;
    if (computes) await page.surfacesPainted();
    return fetchWhole(send, address, options);
  }

  async function askUntilAnswered(call: Call, turn: Turn, address: RequestInfo | URL, options?: RequestInit) {
    const starts = call.output === null;
    const end = Date.now() + PATIENCE;
    for (let count = 0; ; count += 1) {
      // not from the browser's cache: it may have kept half an answer as if it were whole
      const response = await attempt(call, address, count > 0 ? { ...options, cache: "reload" } : options);
      const away = response === null || STATUS.restarting.includes(response.status);
      if (response && !away && response.status !== STATUS.tooFast && (response.ok || !starts)) {
        return answer(turn, response);
      }
      if (!starts && Date.now() > end) {
        page.showNotice(GONE);
        if (response === null) throw new TypeError(GONE);
        return response;
      }
      page.reportTrouble(turn, away ? AWAY : await describeError(response));
      await page.sleep(pauseAfter(count, away ? 0 : Number(response.headers.get("Retry-After"))));
      if (turn.isOvertaken()) return nothing();
    }
  }

  /** Steps 6 and 7. */
  async function answer(turn: Turn, response: Response) {
    if (response.status === STATUS.gone) {
      page.showNotice(FORGOTTEN);
      await page.sleep(pauseAfter(0));
      if (!turn.isOvertaken()) page.askAgain();
      return nothing();
    }
    const draws = response.headers.has(DRAWS_CHOICE);
    // an overtaken answer draws nothing: the later request tells the server what the page held before both
    if (turn.isLate() || (draws && turn.isOvertaken())) return nothing();
    turn.answer(draws);
    if (!response.ok) page.showNotice(await describeError(response));
    return response;
  }

  return async (address, options) => {
    const call = parseCall(address, options);
    if (!call) return send(address, options);
    const turn = order.enter(call.output);
    return askUntilAnswered(call, turn, address, options).finally(() => page.clearTrouble(turn));
  };
}

async function describeError(response: Response) {
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain");
  return plain ? response.clone().text() : `The server refused the request (${response.status}). Try again.`;
}
