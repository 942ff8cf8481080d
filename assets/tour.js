/* The tour: what is predicted before it is revealed, and the keys of a presenter's clicker. */
(function () {
  "use strict";

  const strip = () => document.getElementById("tour");

  /* Leaving the tour brings back what was shown before it. */
  const state = { before: "?", inside: false, head: null };

  /* Who went on from inside the strip stays in it, though it is made anew; who did not hears where the tour is. */
  new MutationObserver(() => {
    const head = strip() && strip().querySelector("h2");
    if (!head || head === state.head) {
      return;
    }
    state.head = head;
    if (state.inside) {
      head.focus();
    } else {
      document.getElementById("tour-heard").textContent = "Scene " + head.textContent;
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest && event.target.closest("a[href^='?scene='], .tour-leave");
      if (!link) {
        return;
      }
      state.inside = strip().contains(document.activeElement);
      if (link.classList.contains("tour-leave")) {
        link.setAttribute("href", state.before);
      } else if (!new URLSearchParams(window.location.search).has("scene")) {
        state.before = window.location.search || "?";
      }
    },
    true
  );

  /* A chosen answer opens the reveal. */
  document.addEventListener("click", (event) => {
    const option = event.target.closest && event.target.closest(".tour-option");
    if (!option) {
      return;
    }
    for (const one of strip().querySelectorAll(".tour-option")) {
      one.setAttribute("aria-pressed", String(one === option));
    }
    const reveal = strip().querySelector("details");
    reveal.open = true;
    reveal.querySelector(".tour-said").textContent =
      option.dataset.right === "yes" ? "Yes. " : "You said: " + option.textContent + ". ";
  });

  const press = (name) => {
    const link = strip() && strip().querySelector("." + name);
    if (link) {
      link.click();
    }
  };

  window.batchscape = Object.assign(window.batchscape || {}, {
    nextScene: () => (strip().childElementCount ? press("tour-next") : document.getElementById("tour-start").click()),
    previousScene: () => press("tour-back"),
    leaveTour: () => press("tour-leave"),
    reveal: () => {
      const reveal = strip() && strip().querySelector("details");
      if (reveal) {
        reveal.open = !reveal.open;
      }
    },
  });
})();
