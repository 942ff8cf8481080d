/* What is typed into a number box, or stepped there, counts when it rests, as it does on Enter and on leaving the box.
   Not by the box's own pause: that one also repeats what the server has set, and after a change there and back within
   the pause it sets what was between. */
(function () {
  "use strict";

  const REST = 500; // milliseconds

  let waiting = 0;

  const boxOf = (target) => target && target.closest && target.closest(".mantine-NumberInput-root");

  function heed(event) {
    const root = boxOf(event.target);
    if (!root) {
      return;
    }
    window.clearTimeout(waiting);
    waiting = window.setTimeout(
      () => root.querySelector("input").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })),
      REST
    );
  }

  document.addEventListener("input", heed);
  document.addEventListener("pointerup", heed); // the arrows in the box are no typing
  document.addEventListener("keyup", (event) => ["ArrowUp", "ArrowDown"].includes(event.key) && heed(event));

  /* What has been told already is not told again: what another control sets meanwhile would be overwritten. */
  function told(event) {
    const root = boxOf(event.target);
    if (root && root !== boxOf(event.relatedTarget)) {
      window.clearTimeout(waiting);
    }
  }

  document.addEventListener("focusout", told);
  document.addEventListener("keydown", (event) => event.key === "Enter" && told(event));
})();
