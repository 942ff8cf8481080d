/* The address: what is shown has a link of its own, links on the page are followed without loading it again, and the
   browser's history is undo and redo. */
(function () {
  "use strict";

  const state = {
    following: false,
    asked: 0,
    focus: null,
    at: 0,
    last: 0,
    own: null, // the server's link of what is shown, once it has answered
    moved: 0,
    profile: "screen",
    hide: "", // what is off the page
    hiding: "", // what is to be, once the server has accepted the link
  };
  /* In a smaller window nothing has room to be larger; and it fills the screen with less, so all in it is larger as it is. */
  const room = () => window.innerWidth >= 1750 && window.innerHeight >= 900;
  const NO_ROOM = "Larger type takes a window of at least 1750 × 900; it comes once there is one.";
  const LAST = "batchscape-last"; // of the entries in the history, so that redo outlives a reload
  const OWN = ["camera", "profile", "hide"]; // what the browser alone heeds

  const query = () => new URLSearchParams(window.location.search);

  /* The profile that is shown, which is the chosen one where there is room for it. */
  function profile() {
    const shown = room() ? state.profile : "screen";
    document.documentElement.dataset.profile = shown;
    return shown;
  }

  window.addEventListener("resize", () => {
    const before = document.documentElement.dataset.profile;
    const now = opened() ? profile() : before;
    if (now !== before) {
      window.dash_clientside.set_props("profile", { data: now });
    }
  });

  /* A link of the server's with what is the browser's. */
  function whole(link) {
    const parameters = new URLSearchParams(link || "");
    const version = parameters.get("v");
    parameters.delete("v");
    const given = {
      camera: window.batchscape.cameraLink(),
      profile: state.profile === "projector" ? "projector" : "",
      hide: state.hide,
    };
    for (const name of OWN) {
      if (given[name]) {
        parameters.set(name, given[name]);
      }
    }
    if (version || parameters.size) {
      parameters.set("v", version || "1");
    }
    const text = parameters.toString().replaceAll("%2C", ",");
    return text && "?" + text;
  }

  function write(change, link) {
    if (change === "pushState") {
      state.at += 1;
      state.last = state.at;
      window.sessionStorage.setItem(LAST, state.last);
    }
    window.history[change]({ at: state.at }, "", window.location.pathname + link);
    enable();
  }

  function enable() {
    window.dash_clientside.set_props("undo", { disabled: state.at === 0 });
    window.dash_clientside.set_props("redo", { disabled: state.at === state.last });
  }

  /* What a link takes off the page: controls and views by their names. */
  const hidden = document.createElement("style");
  document.head.append(hidden);
  function hide() {
    const names = state.hide.split(",").filter((name) => /^[a-z0-9_]+$/.test(name));
    const rule = (name) =>
      [
        `#${name}`,
        `[data-part="${name}"]`,
        `.mantine-InputWrapper-root:has(#${name})`,
        `.group:has(#${name}):not(:has([data-part]))`, // a group of this control alone
        `#view .mantine-SegmentedControl-control:has(input[value="${name}"])`,
      ].join(", ");
    hidden.textContent = names.map((name) => `${rule(name)} { display: none; }`).join("\n");
  }

  /* The link that is to be followed: on opening the page, on going back and forth, and when one on the page is clicked,
     be it the one that is in the address already. */
  function asked() {
    state.following = true;
    state.asked += 1;
    state.hiding = query().has("hide") ? query().get("hide") : state.hide;
    window.batchscape.setCamera(query().get("camera"));
    return { query: window.location.search, count: state.asked };
  }

  const follow = () => window.dash_clientside.set_props("address", { data: asked() });

  const opened = () => state.asked > 0; // before, the browser follows links, and the page will read the address

  window.addEventListener("popstate", (event) => {
    if (!opened()) {
      return;
    }
    state.at = (event.state && event.state.at) || 0;
    enable();
    follow();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='?']");
    if (link && opened() && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      state.focus = link === document.activeElement ? link.getAttribute("href") : null;
      write("pushState", link.getAttribute("href"));
      follow();
    }
  });

  /* The links above a figure are made anew with it; who followed one by keyboard stays where they were. */
  new MutationObserver(() => {
    const link = state.focus && document.querySelector(`.view:not([hidden]) .picker-panel a[href='${state.focus}']`);
    if (link && document.activeElement === document.body) {
      link.focus({ preventScroll: true });
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("focusin", (event) => {
    if (state.focus && event.target.getAttribute("href") !== state.focus) {
      state.focus = null;
    }
  });

  function say(words) {
    window.dash_clientside.set_props("said", { children: words });
  }

  async function copy(text) {
    try {
      await window.navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false; // not allowed, or not a secure page
    }
  }

  window.batchscape = Object.assign(window.batchscape || {}, {
    held: {}, // what the controls hold
    say: say,
    copy: copy,
    link: () => (state.own === null ? window.location.search : whole(state.own)) || "?v=1",
    hides: (name) => state.hide.split(",").includes(name),
    /* Where surfaces are seen from is part of the link, but no choice to be undone. */
    cameraMoved: function () {
      window.clearTimeout(state.moved);
      state.moved = window.setTimeout(() => {
        if (!state.following) {
          write("replaceState", whole(state.own));
        }
      }, 300);
    },
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    opened: function () {
      const before = window.history.state;
      if (before) {
        state.at = before.at;
        state.last = Math.max(state.at, Number(window.sessionStorage.getItem(LAST)));
        enable();
      } else {
        window.sessionStorage.setItem(LAST, 0);
        window.history.replaceState({ at: 0 }, "");
      }
      state.profile = query().get("profile") === "projector" ? "projector" : "screen";
      return [asked(), profile()];
    },

    projector: function () {
      state.profile = state.profile === "projector" ? "screen" : "projector";
      write("replaceState", whole(state.own));
      const shown = profile();
      say(state.profile === shown ? "" : NO_ROOM);
      return shown;
    },

    /* A new choice adds to the browser's history, an answer to a followed link takes its place; an answer that was asked
       for before the last link was followed is too late. */
    remember: function (link) {
      if (link.count === state.asked) {
        window.batchscape.held = link.held;
        state.own = link.query;
        state.hide = state.hiding; // not before: the server refuses a link that hides what is no control or view
        hide();
        const text = whole(link.query);
        if (text !== window.location.search) {
          write(state.following ? "replaceState" : "pushState", text);
        }
        state.following = false;
      }
      return window.dash_clientside.no_update;
    },

    undo: function () {
      if (state.at > 0) {
        window.history.back();
      }
      return window.dash_clientside.no_update;
    },

    redo: function () {
      if (state.at < state.last) {
        window.history.forward();
      }
      return window.dash_clientside.no_update;
    },

    share: function () {
      const link = window.location.href;
      copy(link).then((done) => say(done ? "The link is copied." : "Copy the link from the address bar."));
      return window.dash_clientside.no_update;
    },
  });
})();
