/* Light and dark, which view is visible, and what a running computation leaves behind. */
(function () {
  "use strict";

  /* In a narrow window the controls are put away until they are asked for. */
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest && event.target.closest("#controls-toggle");
    if (toggle) {
      const open = toggle.getAttribute("aria-expanded") !== "true";
      toggle.setAttribute("aria-expanded", String(open));
      document.documentElement.dataset.controls = open ? "open" : "away";
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    arrived: function (computed) {
      window.dash_clientside.set_props("arrived", { data: computed });
      return window.dash_clientside.no_update;
    },

    theme: function (clicks, kept) {
      const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const now = kept || system;
      const theme = clicks ? (now === "dark" ? "light" : "dark") : now;
      return [theme, theme, theme === "dark" ? "Light" : "Dark"];
    },

    show: function (view, boxes) {
      const chosen = document.querySelector(`#view input[value="${view}"]`);
      if (chosen) {
        chosen.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
      return window.dash_clientside.callback_context.outputs_list.map((output) =>
        output.id in boxes ? !boxes[output.id].includes(view) : output.id !== "view-" + view
      );
    },

    cancelled: function () {
      return "Cancelled. The pictures show an earlier choice.";
    },
  });
})();
