/** The compass of the slope's direction: it shows the angle, and is turned with the mouse. The slider is for keyboards. */
import { publish, setProps } from "./dash.ts";
import { closest, element } from "./dom.ts";

const STEP = 5; // degrees, as the slider's

/** The angle of a place seen from the middle, counter-clockwise from the right: 0 to 355 degrees, in whole steps. */
export function angleOf(right: number, up: number) {
  const degrees = Math.round((Math.atan2(up, right) * 180) / Math.PI / STEP) * STEP;
  return (degrees + 360) % 360;
}

function angleAt(event: MouseEvent) {
  const box = element("compass").getBoundingClientRect();
  return angleOf(event.clientX - (box.x + box.width / 2), box.y + box.height / 2 - event.clientY);
}

function turnCompass(degrees: number) {
  element("compass").style.setProperty("--angle", `${-degrees}deg`);
  element("compass").dataset.angle = String(degrees);
}

export function installCompass() {
  let turning = false;
  document.addEventListener("pointerdown", (event) => {
    turning = closest(event, "#compass") !== null;
    if (!turning) return;
    event.preventDefault();
    turnCompass(angleAt(event));
  });
  document.addEventListener("pointermove", (event) => turning && turnCompass(angleAt(event)));
  document.addEventListener("pointerup", (event) => {
    if (!turning) return;
    turning = false;
    setProps("slope_angle", { value: angleAt(event) });
  });

  publish({ turnCompass });
}
