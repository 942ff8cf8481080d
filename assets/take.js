/* What can be taken away: a menu in the head of every panel, one dialog for numbers, export and glossary, and print. */
(function () {
  "use strict";

  const state = { opener: null };
  const SPACE = 12; // around a picture that is taken
  const MENU = "take-menu";

  const found = (name) => document.getElementById(name);
  const plotOf = (panel) => document.querySelector(`#${CSS.escape(panel)} .js-plotly-plot`);
  const words = (name) => (found(name) ? found(name).textContent : "");
  const address = () => window.location.origin + window.location.pathname;
  const query = () => window.batchscape.link();

  /* Said where it is heard: beside an open dialog nothing else is. */
  function say(text) {
    if (found("dialog").open) {
      found("dialog-said").textContent = text;
    } else {
      window.batchscape.say(text);
    }
  }

  /* files */

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(`Downloaded: ${name}`);
  }

  async function ask(path) {
    const response = await window.fetch(path + query(), { headers: { "X-Batchscape-Page": address() } });
    if (!response.ok) {
      const sent = (response.headers.get("Content-Type") || "").startsWith("text/plain");
      throw new Error(sent ? await response.text() : "The server does not answer. Try again.");
    }
    return response;
  }

  async function get(path) {
    const response = await ask(path);
    const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
    save(await response.blob(), named ? named[1] : "batchscape");
  }

  /* As `app.take.stem`. */
  function stem(panel) {
    const figure = /^Fig\. (\d+)\((\w)\)/.exec(words(panel + "-title"));
    const what = figure ? `figure-${figure[1]}${figure[2]}` : panel;
    const held = window.batchscape.held;
    return `batchscape-${what}-${held.activation}-seed${held.seed}`;
  }

  /* pictures, with what says what they are */

  const pen = document.createElement("canvas").getContext("2d");

  function wrapped(text, font, width) {
    pen.font = font;
    const lines = [];
    let line = "";
    const pieces = text.split(/(?<=[\s&?])/);
    for (const piece of pieces) {
      if (line && pen.measureText(line + piece).width > width) {
        lines.push(line.trim());
        line = "";
      }
      line += piece;
    }
    return line.trim() ? [...lines, line.trim()] : lines;
  }

  function caption(panel, width) {
    const family = window.getComputedStyle(document.body).fontFamily;
    const part = (text, size, weight, colour) => {
      const font = `${weight} ${size}px ${family}`;
      return wrapped(text, font, width - 2 * SPACE).map((line) => ({ line, size, weight, colour, font, family }));
    };
    const style = window.getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      sheet: colour("--sheet"),
      above: part(words(panel + "-title"), 17, 650, colour("--ink")),
      below: [
        ...part(words(panel + "-note"), 12, 400, colour("--ink")),
        ...part(address() + query(), 11, 400, colour("--muted")),
      ],
    };
  }

  const heightOf = (lines) => lines.reduce((sum, one) => sum + Math.ceil(one.size * 1.4), 0);

  function laid(plot, panel) {
    const width = plot.clientWidth;
    const height = plot.clientHeight;
    const text = caption(panel, width);
    const top = SPACE + heightOf(text.above) + 6;
    const whole = top + height + 6 + heightOf(text.below) + SPACE;
    const lines = [];
    for (const [start, some] of [[SPACE, text.above], [top + height + 6, text.below]]) {
      let at = start;
      for (const one of some) {
        lines.push(Object.assign({ y: at + one.size }, one));
        at += Math.ceil(one.size * 1.4);
      }
    }
    return { width, height, top, whole, lines, sheet: text.sheet };
  }

  async function png(panel) {
    const plot = plotOf(panel);
    const place = laid(plot, panel);
    const scale = 2;
    const image = new Image();
    image.src = await window.Plotly.toImage(plot, { format: "png", width: place.width, height: place.height, scale: scale });
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = place.width * scale;
    canvas.height = place.whole * scale;
    const brush = canvas.getContext("2d");
    brush.scale(scale, scale);
    brush.fillStyle = place.sheet;
    brush.fillRect(0, 0, place.width, place.whole);
    brush.drawImage(image, 0, place.top, place.width, place.height);
    for (const one of place.lines) {
      brush.font = one.font;
      brush.fillStyle = one.colour;
      brush.fillText(one.line, SPACE, one.y);
    }
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    save(blob, stem(panel) + ".png");
  }

  async function svg(panel) {
    const plot = plotOf(panel);
    const place = laid(plot, panel);
    const options = { format: "svg", width: place.width, height: place.height, imageDataOnly: true };
    const drawn = await window.Plotly.toImage(plot, options);
    const inside = new DOMParser().parseFromString(decoded(drawn), "image/svg+xml").documentElement;
    const space = "http://www.w3.org/2000/svg";
    const make = (name, attributes) => {
      const made = document.createElementNS(space, name);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      return made;
    };
    const size = { width: place.width, height: place.whole, viewBox: `0 0 ${place.width} ${place.whole}` };
    const root = make("svg", size);
    const title = make("title", {});
    title.textContent = words(panel + "-title");
    root.append(title, make("rect", { width: place.width, height: place.whole, fill: place.sheet }));
    inside.setAttribute("x", 0);
    inside.setAttribute("y", place.top);
    root.append(inside);
    for (const one of place.lines) {
      const text = make("text", {
        x: SPACE,
        y: one.y,
        fill: one.colour,
        "font-size": one.size,
        "font-weight": one.weight,
        "font-family": one.family,
      });
      text.textContent = one.line;
      root.append(text);
    }
    save(new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" }), stem(panel) + ".svg");
  }

  function decoded(text) {
    return text.trimStart().startsWith("<") ? text : decodeURIComponent(text);
  }

  /* the dialog */

  async function open(title, path) {
    const dialog = found("dialog");
    found("dialog-title").textContent = title;
    found("dialog-said").textContent = "Loading";
    found("dialog-body").replaceChildren();
    if (!dialog.open) {
      dialog.showModal();
    }
    try {
      const response = await ask(path);
      found("dialog-body").innerHTML = await response.text(); // from this server, every word in it escaped
      found("dialog-body").scrollTop = 0;
      say("");
    } catch (problem) {
      say(problem.message);
    }
  }

  async function copyFrom(name) {
    const from = found(name);
    if (await window.batchscape.copy(from.textContent)) {
      say("Copied.");
    } else {
      from.focus();
      window.getSelection().selectAllChildren(from);
      say("Selected: now copy it with Ctrl+C.");
    }
  }

  /* the menu of a panel */

  const DOES = {
    png: { label: () => "PNG", note: () => "twice the size, with title and link", needs: true, run: (one) => png(one.take) },
    svg: { label: () => "SVG", note: inSvg, needs: true, run: (one) => svg(one.take) },
    csv: {
      label: () => "CSV",
      note: () => "its numbers, every digit",
      run: (one) => get(`take/numbers/${one.panel}`),
    },
    table: {
      label: () => "Numbers",
      note: () => "as a table, to be read here",
      run: (one) => open("Numbers: " + words(one.take + "-title"), `take/table/${one.panel}`),
    },
  };

  function inSvg(plot) {
    const kinds = plot.data.map((trace) => trace.type);
    if (kinds.some((kind) => kind === "surface" || kind.endsWith("3d"))) {
      return "3-D is raster inside";
    }
    return kinds.includes("heatmap") ? "vector; the map's colours are raster inside" : "vector";
  }

  function closeMenu(returning) {
    if (!state.opener) {
      return; // nothing is open, and before Dash has drawn the page there is no menu
    }
    state.opener.setAttribute("aria-expanded", "false");
    if (returning) {
      state.opener.focus();
    }
    state.opener = null;
    found(MENU).classList.remove("open");
    found(MENU).replaceChildren();
  }

  function openMenu(button) {
    const menu = found(MENU);
    const plot = plotOf(button.dataset.take);
    const shown = plot && plot.data && plot.data.length > 0;
    closeMenu(false);
    for (const [name, entry] of Object.entries(DOES)) {
      if (entry.needs && !shown) {
        continue;
      }
      const item = document.createElement("button");
      item.type = "button";
      item.setAttribute("role", "menuitem");
      item.tabIndex = -1;
      item.dataset.does = name;
      const label = document.createElement("span");
      label.textContent = entry.label();
      const note = document.createElement("span");
      note.className = "where";
      note.textContent = entry.note(plot);
      item.append(label, " ", note);
      menu.append(item);
    }
    menu.classList.add("open");
    state.opener = button;
    button.setAttribute("aria-expanded", "true");
    const from = button.getBoundingClientRect();
    const own = menu.getBoundingClientRect();
    const below = from.bottom + 4 + own.height <= window.innerHeight;
    menu.style.left = Math.max(8, Math.min(from.right - own.width, window.innerWidth - own.width - 8)) + "px";
    menu.style.top = (below ? from.bottom + 4 : Math.max(8, from.top - own.height - 4)) + "px";
    menu.firstElementChild.focus();
  }

  async function run(item) {
    const button = state.opener;
    const does = DOES[item.dataset.does];
    closeMenu(true);
    try {
      await does.run(button.dataset);
    } catch (problem) {
      say(problem.message);
    }
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest) {
      return;
    }
    const button = event.target.closest("[data-take]");
    const item = event.target.closest(`#${MENU} [role=menuitem]`);
    const copied = event.target.closest("[data-copy]");
    const asked = event.target.closest("[data-get]");
    if (button) {
      if (state.opener === button) {
        closeMenu(true);
      } else {
        openMenu(button);
      }
    } else if (item) {
      run(item);
    } else if (copied) {
      copyFrom(copied.dataset.copy);
    } else if (asked) {
      get(asked.dataset.get).catch((problem) => say(problem.message));
    } else if (event.target.closest("[data-close]") || event.target === found("dialog")) {
      found("dialog").close(); // a click beside it is one on its backdrop
    }
    if (state.opener && !button && !item) {
      closeMenu(false);
    }
  });

  document.addEventListener(
    "keydown",
    (event) => {
      const menu = found(MENU);
      if (!state.opener || !menu.contains(event.target)) {
        return;
      }
      event.stopPropagation(); // no key of the page is meant here
      const items = [...menu.children];
      const at = items.indexOf(document.activeElement);
      const to = {
        ArrowDown: (at + 1) % items.length,
        ArrowUp: (at + items.length - 1) % items.length,
        Home: 0,
        End: items.length - 1,
      }[event.key];
      if (to !== undefined) {
        items[to].focus();
        event.preventDefault();
      } else if (event.key === "Escape" || event.key === "Tab") {
        closeMenu(true);
        if (event.key === "Escape") {
          event.preventDefault();
        }
      }
    },
    true
  );

  for (const kind of ["resize", "scroll"]) {
    window.addEventListener(kind, () => closeMenu(false), { capture: true, passive: true });
  }

  /* print: as on the screen, fitted to the page, in light colours; a scene leaves its canvas blank, so a copy is laid over */

  const PAGE = { width: 1040, height: 668 }; // of A4 across, within its margins, at 96 points an inch
  const printed = [];

  function recoloured(value, colours) {
    if (typeof value === "string") {
      return colours[value] || value;
    }
    if (Array.isArray(value)) {
      return value.length < 200 ? value.map((one) => recoloured(one, colours)) : value;
    }
    if (value && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, recoloured(one, colours)]));
    }
    return value; // arrays of numbers
  }

  function overlay(plot) {
    Object.keys(plot._fullLayout)
      .filter((name) => name.startsWith("scene") && plot._fullLayout[name]._scene && plot._fullLayout[name]._scene.glplot)
      .forEach((name) => {
        const scene = plot._fullLayout[name]._scene;
        scene.glplot.redraw();
        const from = scene.glplot.canvas || scene.glplot.gl.canvas;
        const copy = document.createElement("canvas");
        copy.width = from.width;
        copy.height = from.height;
        copy.getContext("2d").drawImage(from, 0, 0);
        copy.className = "printed-scene";
        copy.style.cssText = from.style.cssText;
        from.after(copy);
        printed.push(() => copy.remove());
      });
  }

  window.addEventListener("beforeprint", () => {
    if (!found("printed")) {
      return; // before Dash has drawn the page, the first picture is printed as it is
    }
    const held = window.batchscape.held;
    const seeds = `seed ${held.seed}, batch seed ${held.batch_seed}`;
    found("printed").textContent = `Batchscape · ${seeds} · ${address()}${query()}`;
    const main = found("main");
    const style = document.documentElement.style;
    const narrow = window.matchMedia("(max-width: 900px)").matches;
    document.documentElement.dataset.printed = narrow ? "narrow" : "wide";
    const zoom = narrow ? 1 : Math.min(1, PAGE.width / main.clientWidth, PAGE.height / main.clientHeight);
    style.setProperty("--print-width", main.clientWidth + "px");
    style.setProperty("--print-height", main.clientHeight + "px");
    style.setProperty("--print-zoom", zoom);
    const dark = document.documentElement.dataset.mantineColorScheme === "dark";
    const colours = JSON.parse(found("printed").dataset.colours);
    for (const plot of document.querySelectorAll(".view:not([hidden]) .js-plotly-plot")) {
      try {
        if (dark) {
          const before = [plot.data, plot.layout];
          window.Plotly.react(plot, ...before.map((part) => recoloured(part, colours)));
          printed.push(() => window.Plotly.react(plot, ...before));
        }
        overlay(plot);
      } catch (problem) {
        window.console.warn("a picture is printed as it is", problem);
      }
    }
  });

  window.addEventListener("afterprint", () => {
    while (printed.length) {
      printed.shift()();
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    openExport: function () {
      open("Export", "take/export");
      return window.dash_clientside.no_update;
    },

    openGlossary: function () {
      open("Glossary", "take/glossary");
      return window.dash_clientside.no_update;
    },
  });
})();
