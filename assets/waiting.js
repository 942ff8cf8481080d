/* Who waits far back in the line asks less often how it goes: the answers of a class would take the time of its studies. */
(function () {
  "use strict";

  const POLL = "cacheKey=";
  const PAUSE = 300; // milliseconds for each place in the line, beside Dash's own interval
  const LONGEST = 2000;

  const ask = window.fetch;

  function place() {
    const told = document.getElementById("busy-text");
    const found = told && told.textContent.match(/^Waiting: (\d+) in line/);
    return found ? Number(found[1]) : 0;
  }

  window.fetch = async function (address, options) {
    const pause = String(address).includes(POLL) ? Math.min(LONGEST, PAUSE * place()) : 0;
    if (pause) {
      await new Promise((done) => window.setTimeout(done, pause));
    }
    return ask(address, options);
  };
})();
