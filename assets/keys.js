/* Keys: what each action does. Which key calls it is in app/keys.py. */
(function () {
  "use strict";

  const state = { entries: [], single: true };
  const SIZES = [1, 2, 5, 10, 20, 50, 149, 150];

  /* What is held is known before the server has answered, so that a second press starts from the first. */
  function set(name, value) {
    window.batchscape.held[name] = value;
    window.dash_clientside.set_props(name, { value: value });
  }
  const press = (name) => document.getElementById(name).click();
  const held = (name) => window.batchscape.held[name];
  const seen = () => document.querySelector(".view:not([hidden])").id.replace("view-", "");
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.offsetParent !== null);

  function next(name, selector, by) {
    const values = shown(selector).map((input) => input.value);
    const at = values.indexOf(held(name));
    set(name, values[(at + by + values.length) % values.length]);
  }

  function view(by) {
    const inputs = [...document.querySelectorAll("#view input")].filter((one) => one.labels[0].offsetParent !== null);
    const at = inputs.findIndex((input) => input.value === held("view"));
    set("view", inputs[(at + by + inputs.length) % inputs.length].value);
  }

  function batch(by) {
    const now = held("batch_size");
    const larger = SIZES.filter((size) => size > now);
    const smaller = SIZES.filter((size) => size < now);
    const size = by > 0 ? larger[0] : smaller[smaller.length - 1];
    if (size !== undefined) {
      set("batch_size", size);
    }
  }

  function turn(by) {
    const angle = held("slope_angle");
    set("slope_angle", (((angle + by) % 360) + 360) % 360);
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  /* What goes on in steps: the view that is seen may have put its own actions into window.batchscape.stages. */
  const STAGED = ["step", "back", "play", "restart", "finish"];
  function staged(action) {
    const stage = (window.batchscape.stages || {})[seen()];
    return stage && stage[action];
  }

  const ACTIONS = {
    drawAgain: () => press("draw-again"),
    smallerBatch: () => batch(-1),
    largerBatch: () => batch(1),
    nextActivation: () => next("activation", "#activation-box input[type=radio]", 1),
    otherDomain: () => set("domain", held("domain") === "global" ? "local" : "global"),
    nextView: () => view(1),
    previousView: () => view(-1),
    line: (key) => {
      const name = ["d1", "d2", "d1+d2", "d1-d2"][Number(key) - 1];
      if (seen() === "explore") {
        press("line-preset-" + name);
      } else {
        set("line", name);
      }
    },
    turnBack: () => turn(-5),
    turnOn: () => turn(5),
    movePoint: (key) => {
      const step = held("range") / 20;
      const reach = held("range");
      const clip = (value) => Math.max(-reach, Math.min(reach, value));
      ["at_d1", "at_d2"].forEach((name, axis) => {
        const by = ARROWS[key][axis];
        if (by) {
          set(name, clip(held(name) + by * step));
        }
      });
    },
    turnCamera: (key) => window.batchscape.rotate(ARROWS[key][0] * 0.15, ARROWS[key][1] * 0.15),
    nextScene: () => window.batchscape.nextScene(),
    previousScene: () => window.batchscape.previousScene(),
    reveal: () => window.batchscape.reveal(),
    leaveTour: () => window.batchscape.leaveTour(),
    step: () => staged("step")(),
    back: () => staged("back")(),
    play: () => staged("play")(),
    restart: () => staged("restart")(),
    finish: () => staged("finish")(),
    listen: () => window.batchscape.listen(),
    undo: () => press("undo"),
    redo: () => press("redo"),
    share: () => press("share"),
    export: () => press("export"),
    glossary: () => press("glossary"),
    keys: () => press("keys"),
  };

  /* What a presenter's clicker sends. */
  const CLICKER = ["PageDown", "PageUp"];
  const touring = () => document.getElementById("tour").childElementCount > 0;

  /* Arrows belong to what has them already: sliders, choices, fields, tables that scroll. */
  const taken = (target, key) =>
    target.closest("textarea, [contenteditable], [role=dialog]") ||
    (CLICKER.includes(key) && !touring() && target.closest(".table-box")) ||
    (!CLICKER.includes(key) && target.closest("input:not([type=radio]):not([type=checkbox]), select")) ||
    (key.startsWith("Arrow") && target.closest("[role=slider], input, [role=listbox], .table-box")) ||
    ((key === " " || key === "Enter") && target.closest("button, a, input, summary, [role=slider], [role=button]"));

  /* Of what a key moves, something is on the page: in this view, and not taken off by the link. */
  const movable = (moves) =>
    Object.keys(moves).length === 0 ||
    Object.entries(moves).some(([name, views]) => views.includes(seen()) && !window.batchscape.hides(name));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || !event.target.closest) {
      return;
    }
    const named = event.key.length > 1;
    const prefix = (event.ctrlKey || event.metaKey ? "Control+" : "") + (event.shiftKey && (named || event.key === " " || /[A-Z]/.test(event.key)) ? "Shift+" : "");
    const pressed = prefix + event.key;
    const entry = state.entries.find((one) => one.keys.includes(pressed));
    const single = entry && event.key.length === 1 && !event.ctrlKey && !event.metaKey;
    if (!entry || (single && !state.single) || taken(event.target, event.key)) {
      return;
    }
    if ((STAGED.includes(entry.action) && !staged(entry.action)) || !movable(entry.moves)) {
      return;
    }
    event.preventDefault();
    ACTIONS[entry.action](event.key);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    heedKeys: function (entries, single) {
      state.entries = entries;
      state.single = single;
      return window.dash_clientside.no_update;
    },

    openKeys: () => true,
  });
})();
