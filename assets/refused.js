/* What the page does when the server refuses a callback or is away: it says so, waits, and asks again by itself. An answer
   that a later one to the same callback has overtaken is not heard: it would draw an earlier choice over the present one. */
(function () {
  "use strict";

  const OURS = "/_dash-";
  const JOB = "computed.data"; // a job that is under way is followed to its end
  const PATIENCE = 180000; // milliseconds for which a server is asked again
  const PAUSE = 1500; // milliseconds between two attempts, unless the server names a time
  const AWAY = "The server does not answer. The page keeps trying.";
  const GONE = "The server does not answer. Try again later.";
  const TOO_FAST = 429;
  const FORGOTTEN = 410; // the job is of an earlier process, or the page was silent for too long
  const RESTARTING = [502, 503, 504]; // said by a proxy in front

  const ask = window.fetch.bind(window);
  const newest = new Map(); // by the output of a callback, the request that came last

  function tell(words) {
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props("notice", { children: words });
    }
  }

  /* Not all at once: a class waits behind one address. */
  function rest(seconds) {
    return new Promise((done) => window.setTimeout(done, (seconds ? 1000 * seconds : PAUSE) * (1 + Math.random() / 2)));
  }

  function outputOf(options) {
    try {
      return JSON.parse(options.body).output;
    } catch (problem) {
      return null; // the page's layout has none
    }
  }

  const nothing = () => new Response(null, { status: 204 });

  async function attempt(address, options) {
    try {
      return await ask(address, options);
    } catch (problem) {
      return null; // nobody answers
    }
  }

  async function words(response) {
    const plain = (response.headers.get("Content-Type") || "").startsWith("text/plain");
    return plain ? response.clone().text() : `The server refused the request (${response.status}). Try again.`;
  }

  async function askUntilAnswered(address, options) {
    const output = outputOf(options);
    const mine = {};
    const overtaken = () => output !== null && newest.get(output) !== mine;
    const end = Date.now() + PATIENCE;
    let told = false;
    newest.set(output, mine);
    for (;;) {
      const response = await attempt(address, options);
      const away = response === null || RESTARTING.includes(response.status);
      if (!away && response.status !== TOO_FAST) {
        if (response.status === FORGOTTEN) {
          tell("The server has forgotten this computation. The page asks again.");
          await rest();
          if (!overtaken()) {
            window.dash_clientside.set_props("retry", { n_clicks: Date.now() });
          }
          return nothing();
        }
        if (!response.ok) {
          tell(await words(response));
        } else if (told) {
          tell("");
        }
        return overtaken() && output !== JOB ? nothing() : response;
      }
      if (Date.now() > end) {
        tell(GONE);
        if (response === null) {
          throw new TypeError(GONE);
        }
        return response;
      }
      tell(away ? AWAY : await words(response));
      told = true;
      await rest(away ? 0 : Number(response.headers.get("Retry-After")));
      if (overtaken()) {
        tell(""); // what came later says itself how it fares
        return nothing();
      }
    }
  }

  window.fetch = function (address, options) {
    return String(address).includes(OURS) ? askUntilAnswered(address, options) : ask(address, options);
  };
})();
