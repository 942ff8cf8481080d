/* The oracle: a line that is there whole is revealed point by point. Which optima are known when was found by the server. */
(function () {
  "use strict";

  const CHARTS = ["loss", "slope"];
  const REST = 700; // milliseconds without a step after which the link is told
  const NEAR = 12; // pixels around a dip that belong to it

  const state = {
    line: null,
    step: 0,
    heard: null, // the step that the rail's control held last
    reference: true,
    pace: 6,
    playing: 0,
    telling: 0,
    chosen: null,
    drawn: {}, // of each chart, what it shows
  };

  const element = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const seen = () => Boolean(element("oracle-balls") && element("oracle-balls").offsetParent !== null);

  function bytes(text) {
    return Uint8Array.from(window.atob(text), (one) => one.charCodeAt(0));
  }

  function numbers(array) {
    return array && array.bdata ? new Float32Array(bytes(array.bdata).buffer) : Float32Array.from(array || []);
  }

  /* The samples drawn at a point. */
  function members(point) {
    const line = state.line;
    const width = Math.ceil(line.samples / 8);
    const found = [];
    for (let sample = 0; sample < line.samples; sample += 1) {
      if ((line.bits[point * width + (sample >> 3)] >> (sample & 7)) & 1) {
        found.push(sample);
      }
    }
    return found;
  }

  const named = (sample) => (state.line.one === "parabola" ? state.line.names[sample] : String(sample + 1));

  /* Charts */

  function prepare(chart) {
    const traces = chart.figure.data.map((trace) => ({ x: numbers(trace.x), y: numbers(trace.y) }));
    return { figure: chart.figure, roles: chart.roles, known: chart.known, traces: traces };
  }

  const point = () => (state.chosen === null ? state.step - 1 : state.chosen);

  function traces(chart) {
    const drawn = chart.traces[chart.roles.indexOf("drawn")];
    return chart.figure.data.map((trace, at) => {
      const role = chart.roles[at];
      if (role === "cursor") {
        const here = point();
        return Object.assign({}, trace, {
          x: here < 0 ? [] : [drawn.x[here]],
          y: here < 0 ? [] : [drawn.y[here]],
          showlegend: false,
        });
      }
      const count = upTo(chart.known[at], state.step);
      return Object.assign({}, trace, {
        x: chart.traces[at].x.subarray(0, count),
        y: chart.traces[at].y.subarray(0, count),
        visible: state.reference || (role !== "reference" && role !== "true"),
      });
    });
  }

  /* How many of some rising numbers are not above another. */
  function upTo(known, step) {
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[middle] <= step) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  function host(name) {
    const panel = element(`oracle-${name}`);
    if (!panel.firstElementChild) {
      panel.append(document.createElement("div"));
      panel.firstElementChild.className = "oracle-plot";
    }
    return panel.firstElementChild;
  }

  function draw(name) {
    const plot = host(name);
    if (!window.Plotly || plot.clientWidth === 0) {
      return false;
    }
    const line = state.line;
    const now = [line.key, state.step, point(), state.reference].join();
    if (state.drawn[name] !== now) {
      state.drawn[name] = now;
      const layout = structuredClone(line.ready[name].figure.layout); // Plotly writes into what it is given
      window.Plotly.react(plot, traces(line.ready[name]), layout, {
        displayModeBar: false,
        displaylogo: false,
        showSendToCloud: false,
      });
      if (!plot.batchscapeOracle) {
        plot.batchscapeOracle = true;
        plot.on("plotly_click", (event) => clicked(name, plot, event));
      }
    }
    if (plot._fullLayout.width !== plot.clientWidth || plot._fullLayout.height !== plot.clientHeight) {
      window.Plotly.Plots.resize(plot);
    }
    return true;
  }

  /* A click takes the nearest point that has been drawn, or the dip beside it. */
  function clicked(name, plot, event) {
    const chart = state.line.ready[name];
    const axis = plot._fullLayout.xaxis;
    const at = event.event ? event.event.clientX - plot.getBoundingClientRect().left - axis._offset : null;
    const place = at === null ? event.points[0].x : axis.p2d(at);
    const dip = nearest(chart, "found", place);
    if (dip !== null && Math.abs(axis.d2p(dip) - axis.d2p(place)) < NEAR) {
      choose(index(chart, dip), true);
      return;
    }
    const own = nearest(chart, "drawn", place);
    if (own !== null) {
      choose(index(chart, own), true);
    }
  }

  function nearest(chart, role, place) {
    const at = chart.roles.indexOf(role);
    const shown = chart.traces[at].x.subarray(0, upTo(chart.known[at], state.step));
    let best = null;
    for (const x of shown) {
      if (best === null || Math.abs(x - place) < Math.abs(best - place)) {
        best = x;
      }
    }
    return best;
  }

  const index = (chart, x) => chart.traces[chart.roles.indexOf("drawn")].x.indexOf(x);

  /* The urn */

  const SHAPES = [
    '<circle r="5" />',
    '<rect x="-4.5" y="-4.5" width="9" height="9" />',
    '<path d="M0 -5.6 L5.4 4.2 L-5.4 4.2 Z" />',
    '<path d="M0 -6 L6 0 L0 6 L-6 0 Z" />',
  ];

  function fill() {
    const line = state.line;
    const groups = line.names.map((name, kind) => {
      const own = [...line.kinds].flatMap((one, sample) => (one === kind ? [sample] : []));
      const across = Math.min(10, own.length);
      const size = own.length < 4 ? 40 : 15;
      const grow = own.length < 4 ? 2.6 : 1;
      const balls = own.map((sample, at) => {
        const x = size * ((at % across) + 0.5);
        const y = size * (Math.floor(at / across) + 0.5);
        return `<g class="ball kind-${kind % 4}" data-sample="${sample}" transform="translate(${x} ${y}) scale(${grow})"><title>${line.one} ${named(sample)}</title>${SHAPES[kind % 4]}</g>`;
      });
      const wide = size * across;
      const high = size * Math.ceil(own.length / across);
      const label = line.one === "parabola" ? name : `${name} <span>${own[0] + 1}–${own[own.length - 1] + 1}</span>`;
      return `<figure><svg viewBox="0 0 ${wide} ${high}" style="--wide: ${wide}px" aria-hidden="true">${balls.join("")}</svg><figcaption>${label}</figcaption></figure>`;
    });
    element("oracle-balls").innerHTML = groups.join("");
    element("oracle-balls").classList.toggle("few", line.samples < 10);
  }

  function light() {
    const here = point();
    const own = here < 0 ? [] : members(here);
    const lit = new Set(own);
    element("oracle-balls")
      .querySelectorAll(".ball")
      .forEach((ball) => ball.classList.toggle("drawn", lit.has(Number(ball.dataset.sample))));
    const names = own.map(named);
    const listed = names.length > 12 ? `${names.slice(0, 12).join(", ")} … (${names.length})` : names.join(", ");
    element("oracle-listed").textContent = here < 0 ? "Nothing drawn yet." : `Drawn at point ${here + 1}: ${listed}`;
  }

  /* Words and numbers */

  function tell() {
    const line = state.line;
    element("oracle-said").textContent = line.said[state.step];
    for (const cell of element("oracle-counts").querySelectorAll("[data-count]")) {
      const [quantity, what] = cell.dataset.count.split("-");
      const hidden = what === "true" && !state.reference;
      cell.textContent = hidden ? "?" : line.counts[quantity][what][state.step];
    }
    const here = point();
    for (const name of CHARTS) {
      const slider = document.querySelector(`.oracle-chart[data-quantity="${name}"]`);
      slider.setAttribute("aria-valuemax", line.points);
      slider.setAttribute("aria-valuenow", here + 1);
      slider.setAttribute("aria-valuetext", here < 0 ? "no point drawn yet" : `point ${here + 1}${declared(name, here)}`);
    }
  }

  function declared(name, here) {
    const chart = state.line.ready[name];
    const at = chart.roles.indexOf("found");
    const x = chart.traces[chart.roles.indexOf("drawn")].x[here];
    const found = chart.traces[at].x.subarray(0, upTo(chart.known[at], state.step)).includes(x);
    const value = chart.traces[chart.roles.indexOf("drawn")].y[here];
    return `, ${name} ${value.toPrecision(3)}${found ? (name === "loss" ? ", a minimum" : ", an NN-GPP") : ""}`;
  }

  const buttons = {};
  function enable() {
    const last = state.line ? state.line.points : 0;
    const wanted = {
      "oracle-restart": state.step === 0,
      "oracle-back": state.step === 0,
      "oracle-step": state.step >= last,
      "oracle-finish": state.step >= last,
    };
    for (const [id, disabled] of Object.entries(wanted)) {
      if (buttons[id] !== disabled) {
        buttons[id] = disabled;
        set(id, { disabled: disabled });
      }
    }
  }

  function render() {
    if (!state.line || !seen()) {
      return;
    }
    light();
    tell();
    enable();
    if (!CHARTS.map(draw).every(Boolean)) {
      window.clearTimeout(state.later);
      state.later = window.setTimeout(render, 100); // Plotly comes some time after the page
    }
  }

  /* Steps */

  function go(step) {
    state.step = Math.max(0, Math.min(step, state.line ? state.line.points : step));
    state.chosen = null;
    render();
  }

  /* The control in the rail, and with it the link, hear of a step when no other follows. */
  function rest() {
    window.clearTimeout(state.telling);
    state.telling = window.setTimeout(() => {
      if (!state.playing && state.step !== state.heard) {
        state.heard = state.step;
        set("step", { value: state.step });
      }
    }, REST);
  }

  function pause() {
    if (state.playing) {
      window.clearTimeout(state.playing);
      state.playing = 0;
      element("oracle-said").setAttribute("aria-live", "polite");
      set("oracle-play", { children: "Play" });
      rest();
    }
  }

  function tick() {
    const begun = performance.now();
    if (!seen() || state.step >= state.line.points) {
      pause();
      return;
    }
    go(state.step + 1);
    if (state.step >= state.line.points) {
      pause();
      return;
    }
    state.playing = window.setTimeout(tick, Math.max(10, 1000 / state.pace - (performance.now() - begun)));
  }

  function still(step) {
    pause();
    go(step);
    rest();
  }

  const actions = {
    step: () => still(state.step + 1),
    back: () => still(state.step - 1),
    restart: () => still(0),
    finish: () => still(state.line.points),
    play: () => {
      if (state.playing) {
        pause();
        return;
      }
      if (state.step >= state.line.points) {
        go(0);
      }
      element("oracle-said").setAttribute("aria-live", "off"); // too fast to be read out
      set("oracle-play", { children: "Pause" });
      tick();
    },
  };

  const ready = Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [name, () => state.line && seen() && action()])
  );

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-stage]");
    if (button && element("view-oracle") && element("view-oracle").contains(button)) {
      ready[button.dataset.stage]();
    }
  });

  /* One point of those that have been drawn, by mouse or by keyboard; which samples made it, the server tells. */
  function choose(at, asked) {
    if (!state.line || state.step === 0) {
      return;
    }
    pause();
    state.chosen = Math.max(0, Math.min(at, state.step - 1));
    render();
    if (asked) {
      set("oracle-asked", { data: { point: state.chosen, step: state.step, at: Date.now() } });
    }
  }

  function beside(name, by) {
    const chart = state.line.ready[name];
    const at = chart.roles.indexOf("found");
    const found = [...chart.traces[at].x.subarray(0, upTo(chart.known[at], state.step))].map((x) => index(chart, x));
    const here = point();
    const next = by > 0 ? found.find((one) => one > here) : found.reverse().find((one) => one < here);
    return next === undefined ? here : next;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const chart = event.target.closest && event.target.closest(".oracle-chart");
      if (!chart || !state.line || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const name = chart.dataset.quantity;
      const keys = {
        ArrowLeft: () => choose(point() - 1, false),
        ArrowRight: () => choose(point() + 1, false),
        PageUp: () => choose(beside(name, -1), false),
        PageDown: () => choose(beside(name, 1), false),
        Enter: () => choose(point(), true),
        Escape: () => go(state.step),
        " ": ready.step,
      };
      if (keys[event.key] && !event.shiftKey) {
        event.preventDefault();
        keys[event.key]();
      }
    },
    true
  );

  /* What is told of an opened point, for a screen reader. */
  function hear() {
    const told = element("oracle-made").querySelector(".oracle-told");
    element("oracle-heard").textContent = told ? told.textContent : "";
  }

  /* A chart that was hidden has no size; it is drawn when it gets one. */
  const watch = new ResizeObserver(() => render());
  new MutationObserver((_, observer) => {
    if (element("oracle-balls")) {
      watch.observe(element("oracle-balls"));
      document.querySelectorAll(".oracle-chart").forEach((chart) => watch.observe(chart));
      const made = { childList: true, subtree: true, characterData: true };
      new MutationObserver(hear).observe(element("oracle-made"), made);
      observer.disconnect();
      render();
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  function arrive(line) {
    const former = state.line;
    state.line = Object.assign({}, line, {
      bits: bytes(line.members),
      kinds: bytes(line.classes),
      ready: { loss: prepare(line.charts.loss), slope: prepare(line.charts.slope) },
    });
    fill();
    if (former && former.about !== line.about) {
      state.chosen = null;
      set("oracle-asked", { data: null });
    }
    state.step = Math.min(state.step, line.points);
  }

  window.batchscape = Object.assign(window.batchscape || {}, {
    stages: Object.assign({}, (window.batchscape || {}).stages, { oracle: ready }),
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    oracle: function (line, step, reference, pace) {
      state.reference = reference !== "hidden";
      state.pace = Number(pace) || 6;
      if (line && (!state.line || line.key !== state.line.key)) {
        arrive(line);
      }
      if (step !== state.heard) {
        state.heard = step;
        if (Number.isInteger(step) && step >= 0 && step !== state.step) {
          pause();
          go(step);
        }
      }
      render();
      return window.dash_clientside.no_update;
    },
  });
})();
