/* Who waits far back in the line asks less often how it goes: the answers of a class would take the time of its studies.
   What follows from a choice is not asked for before the surfaces that came with it are painted: both take the processor.
   Loaded before assets/refused.js, which numbers what is asked in the order in which the page asks it. */
(function () {
  "use strict";

  const POLL = "cacheKey=";
  const FOLLOWS = '"changedPropIds":["request.data"]';
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
    const painted = window.batchscape && window.batchscape.settled; // Plotly may not be there yet
    if (painted && options && String(options.body).includes(FOLLOWS)) {
      await painted();
    }
    return ask(address, options);
  };
})();
