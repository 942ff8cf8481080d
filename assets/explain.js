/* What a control explains about itself, for mouse, keyboard and touch: one tooltip for the whole page. */
(function () {
  "use strict";

  const REST = 400; // milliseconds that the mouse rests before it is told something
  const GAP = 8;

  const tip = document.createElement("div");
  tip.id = "explanation";
  tip.setAttribute("role", "tooltip");
  tip.popover = "manual";
  tip.className = "tip";

  let shown = null; // what is explained
  let described = null; // what says so to a screen reader
  let timer = 0;

  /* A control that is refused is described by its error as well. */
  function describe(change) {
    const ids = change((described.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
    if (ids.length > 0) {
      described.setAttribute("aria-describedby", ids.join(" "));
    } else {
      described.removeAttribute("aria-describedby");
    }
  }

  function place() {
    const box = shown.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const right = box.right + GAP;
    const beside = right + own.width <= window.innerWidth;
    const within = (at, size, whole) => Math.max(GAP, Math.min(at, whole - size - GAP));
    tip.style.left = within(beside ? right : box.left, own.width, window.innerWidth) + "px";
    const top = beside ? box.top + (box.height - own.height) / 2 : box.bottom + GAP;
    tip.style.top = within(top, own.height, window.innerHeight) + "px";
  }

  function show(what, focused) {
    window.clearTimeout(timer);
    if (!tip.isConnected) {
      document.body.append(tip);
    }
    hide();
    shown = what;
    described = focused || what.querySelector("button, input") || what;
    describe((ids) => [...ids, tip.id]);
    tip.textContent = what.dataset.explanation;
    tip.showPopover();
    place();
  }

  function hide() {
    window.clearTimeout(timer);
    if (shown) {
      tip.hidePopover();
      describe((ids) => ids.filter((id) => id !== tip.id));
      shown = described = null;
    }
  }

  const explained = (event) => event.target.closest && event.target.closest("[data-explanation]");

  document.addEventListener("pointerover", (event) => {
    const what = explained(event);
    window.clearTimeout(timer);
    if (what && what !== shown) {
      timer = window.setTimeout(() => show(what, null), event.pointerType === "touch" ? 0 : REST);
    } else if (!what && !tip.contains(event.target) && shown && !shown.contains(document.activeElement)) {
      timer = window.setTimeout(hide, REST / 2); // time to move onto the tooltip itself
    }
  });
  document.addEventListener("focusin", (event) => {
    const what = explained(event);
    if (what && event.target.matches(":focus-visible")) {
      show(what, event.target);
    } else {
      hide();
    }
  });
  document.addEventListener("focusout", hide);
  /* Escape hides what is shown, and means nothing else then. */
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape" && shown) {
        event.preventDefault();
        hide();
      }
    },
    true
  );
  document.addEventListener("scroll", () => shown && place(), true);
})();
