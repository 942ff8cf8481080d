/* What the page does when the server refuses a callback or is away: it says so, waits, and asks again by itself. An answer
   that comes after one to a later call of the same callback is not heard: it would draw an earlier choice over the present. */
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
  const newest = new Map(); // by the output of a callback, the number of the request that came last
  const answered = new Map(); // likewise, of the last one that was answered
  let count = 0;

  function tell(words) {
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props("notice", { children: words });
    }
  }

  /* Whoever told something else meanwhile is not silenced. */
  function untell(words) {
    const notice = document.getElementById("notice");
    if (words && notice && notice.textContent === words) {
      tell("");
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
    const mine = (count += 1);
    const overtaken = () => output !== null && newest.get(output) !== mine;
    const late = () => output !== null && output !== JOB && (answered.get(output) || 0) > mine;
    const end = Date.now() + PATIENCE;
    let told = "";
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
        untell(told);
        if (late()) {
          return nothing();
        }
        answered.set(output, mine);
        if (!response.ok) {
          tell(await words(response));
        }
        return response;
      }
      if (Date.now() > end) {
        tell(GONE);
        if (response === null) {
          throw new TypeError(GONE);
        }
        return response;
      }
      told = away ? AWAY : await words(response);
      tell(told);
      await rest(away ? 0 : Number(response.headers.get("Retry-After")));
      if (overtaken()) {
        untell(told);
        return nothing();
      }
    }
  }

  window.fetch = function (address, options) {
    return String(address).includes(OURS) ? askUntilAnswered(address, options) : ask(address, options);
  };
})();
