/* The compass of the slope's direction: it shows the angle, and can be turned by hand. The slider below it does the same by
   keyboard. */
(function () {
  "use strict";

  const STEP = 5; // degrees, as the slider's
  const dial = () => document.getElementById("compass");

  function angle(event) {
    const box = dial().getBoundingClientRect();
    const across = event.clientX - (box.x + box.width / 2);
    const up = box.y + box.height / 2 - event.clientY;
    const turned = Math.round((Math.atan2(up, across) * 180) / Math.PI / STEP) * STEP;
    return (turned + 360) % 360;
  }

  function point(degrees) {
    dial().style.setProperty("--angle", `${-degrees}deg`);
  }

  let turning = false;
  document.addEventListener("pointerdown", (event) => {
    turning = Boolean(event.target.closest && event.target.closest("#compass"));
    if (turning) {
      event.preventDefault();
      point(angle(event));
    }
  });
  document.addEventListener("pointermove", (event) => turning && point(angle(event)));
  document.addEventListener("pointerup", (event) => {
    if (turning) {
      turning = false;
      window.dash_clientside.set_props("slope_angle", { value: angle(event) });
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    compass: function (degrees) {
      point(degrees);
      return window.dash_clientside.no_update;
    },
  });
})();
