/* One race, step by step: of what the server has sent, it shows what is seen so far. It computes nothing. */
(function () {
  "use strict";

  const PACE = 700; // milliseconds
  const REST = 700; // milliseconds without a step after which the link is told

  const state = {
    name: "",
    step: 0,
    heard: null, // the step that the rail's control held last
    last: 0,
    words: [],
    marks: [],
    playing: 0,
    telling: 0,
  };
  const element = (id) => document.getElementById(id);
  const set = (id, value) => window.dash_clientside.set_props(id, { value: value });
  const seen = () => Boolean(element("race-step") && element("race-step").offsetParent !== null);
  const now = () => Math.min(state.step, state.last);

  function say() {
    const step = now();
    element("race-at").textContent = state.last ? "Step " + step + " of " + state.last : "";
    document.querySelectorAll("#race-methods tbody tr").forEach((row, index) => {
      const node = row.lastElementChild && row.lastElementChild.firstChild;
      const words = state.words[index] && state.words[index][step];
      if (node && words && node.nodeValue !== words) {
        node.nodeValue = words; // the text that Dash knows, so that it can change it again
      }
    });
    for (const name of ["step", "play", "end"]) {
      element("race-" + name).disabled = step >= state.last;
    }
    for (const name of ["back", "again"]) {
      element("race-" + name).disabled = step === 0;
    }
  }

  /* Marks, numbers and brackets that are drawn already, each with the steps from which and until which it is seen. */
  function marks() {
    return [...document.querySelectorAll("#race-line .scatterlayer > .trace")].flatMap((group) => {
      const times = (group.__data__[0].trace.meta || {}).since ? group.__data__[0].trace.meta : null;
      const mark = (node, index) => ({ node, since: times ? times.since[index] : 0, until: times ? times.until[index] : Infinity });
      return [
        ...[...group.querySelectorAll(".point, .textpoint")].map((node) => mark(node, node.__data__.i)),
        // of a bracket there is a line for each step: two ends and a gap
        ...[...group.querySelectorAll(".js-line")].map((node, index) => mark(node, 3 * index)),
      ];
    });
  }

  function reveal() {
    const step = now();
    for (const mark of state.marks) {
      mark.node.classList.toggle("on", mark.since <= step && step < mark.until);
    }
    say();
  }

  /* Plotly has drawn: the race of before in other colours, or another one, at the same step. */
  function arrived(graph) {
    const meta = graph.layout && graph.layout.meta;
    if (!meta || meta.last === undefined) {
      return;
    }
    if (meta.name !== state.name) {
      pause();
    }
    Object.assign(state, { name: meta.name, last: meta.last, words: meta.words, marks: marks() });
    reveal();
  }

  function heed() {
    const graph = document.querySelector("#race-line .js-plotly-plot");
    if (!graph || !graph.on) {
      window.requestAnimationFrame(heed);
      return;
    }
    if (!graph.batchscapeRace) {
      graph.batchscapeRace = true;
      graph.on("plotly_afterplot", () => arrived(graph));
    }
    arrived(graph);
  }

  /* The control in the rail, and with it the link, hear of a step when no other follows. */
  function rest() {
    window.clearTimeout(state.telling);
    state.telling = window.setTimeout(() => {
      if (!state.playing && state.step !== state.heard) {
        state.heard = state.step;
        set("race_step", state.step);
      }
    }, REST);
  }

  function pause() {
    if (state.playing) {
      window.clearInterval(state.playing);
      state.playing = 0;
      document.querySelector("#race-play .mantine-Button-label").textContent = "Play";
      rest();
    }
  }

  function go(step) {
    state.step = Math.max(0, Math.min(state.last, step));
    reveal();
    if (state.step === state.last) {
      pause();
    }
  }

  function still(step) {
    pause();
    go(step);
    rest();
  }

  const actions = {
    restart: () => still(0),
    back: () => still(now() - 1),
    step: () => still(now() + 1),
    finish: () => still(state.last),
    play: () => {
      if (state.playing) {
        pause();
        return;
      }
      state.playing = window.setInterval(() => (seen() ? go(now() + 1) : pause()), PACE);
      document.querySelector("#race-play .mantine-Button-label").textContent = "Pause";
      go(now() + 1);
    },
    next: () => {
      still(0);
      window.clearTimeout(state.telling); // the server begins another race at 0
      set("race", (window.batchscape.held.race + 1) % Number(element("race-next").dataset.races));
    },
  };
  const ready = Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [name, () => seen() && action()])
  );

  /* Before Dash hears of the click: it would go through the whole page, which takes longer than the step. */
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest && event.target.closest("#race-bar [data-stage]");
      if (button) {
        event.stopPropagation();
        ready[button.dataset.stage]();
      }
    },
    true
  );

  window.batchscape = Object.assign(window.batchscape || {}, {
    stages: Object.assign({}, (window.batchscape || {}).stages, { race: ready }),
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    race: function (step) {
      if (step !== state.heard) {
        state.heard = step;
        if (Number.isInteger(step) && step >= 0 && step !== state.step) {
          pause();
          state.step = step;
        }
      }
      heed();
      return window.dash_clientside.no_update;
    },
  });
})();
