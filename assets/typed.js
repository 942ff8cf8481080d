/* What is typed into a number box, or stepped there, counts when it rests, as it does on Enter and on leaving the box.
   Not by the box's own pause: that one also repeats what the server has set, and after a change there and back within
   the pause it sets what was between. */
(function () {
  "use strict";

  const REST = 500; // milliseconds

  let waiting = 0;

  function heed(event) {
    const root = event.target.closest && event.target.closest(".mantine-NumberInput-root");
    if (!root || event.key === "Enter" || event.key === "Tab") {
      return;
    }
    window.clearTimeout(waiting);
    waiting = window.setTimeout(
      () => root.querySelector("input").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })),
      REST
    );
  }

  // the arrows in the box are no typing: a click on them, or a key
  for (const kind of ["input", "keyup", "pointerup"]) {
    document.addEventListener(kind, heed);
  }
})();
