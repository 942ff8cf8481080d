/**
 * The address: what is shown has a link of its own, links on the page are followed without loading it again, and the
 * browser's history is undo and redo.
 */

import { showNote } from "../hints/note.ts";
import { cameraLink, onCameraMoved, setCamera } from "../plotly/cameras.ts";
import { showStage } from "../room/stage.ts";
import { getProp, publish, setProps, showMessage } from "./dash.ts";
import { debounce } from "./debounce.ts";
import { copyText, element, onClick, onElements } from "./dom.ts";
import { hidingRules, joinLink, linkReach, sharedLink, splitNames } from "./link.ts";
import { nameGroups } from "./tabs.ts";

const ROOM = { width: 1000, height: 600 }; // what larger type takes
const NO_ROOM = "Projector mode needs a window of at least 1000 × 600 pixels and turns on by itself once there is one.";
const LAST = "batchscape-last"; // number of the last entry of the history, so that redo outlives a reload
const SHARED = { everyone: "Link copied.", here: "Link copied. It opens on this computer only." };
const CAMERA_REST = 300; // milliseconds after which a camera that has moved is in the link

const state = {
  following: false, // whether the server has yet to answer a link
  followed: 0, // links so far; the answer to an earlier one is too late
  focus: null as string | null, // the link that was followed by keyboard
  at: 0, // the entry of the history that is shown
  drawn: -1, // the entry whose pictures were drawn last, all of them; -1: none that is still there
  last: 0,
  own: null as string | null, // the server's link of what is shown, once it has answered
  cited: "", // the same with seeds and batch size
  profile: "screen",
  hide: "", // names of hidden controls and views
  hideNext: "", // what will be hidden once the server has accepted the link
};
const hiddenParts = document.createElement("style");

const query = () => new URLSearchParams(window.location.search);
const isOpened = () => state.followed > 0; // before, the browser follows links, and the page will read the address

const wholeLink = () =>
  joinLink(state.own ?? "", {
    camera: cameraLink(),
    profile: state.profile === "projector" ? "projector" : "",
    hide: state.hide,
  });

/** The link of what is shown. */
export const currentLink = () => (state.own === null ? window.location.search : wholeLink()) || "?v=1";

/** The link of what is shown, as it is cited: with seeds, batch size and camera, and nothing that only looks otherwise. */
export const citedLink = () => joinLink(state.cited || currentLink(), { camera: cameraLink(), profile: "", hide: "" });

/** Whether the link hides a control or view. */
export const isHidden = (name: string) => splitNames(state.hide).includes(name);

/** Show the chosen profile if there is room for it, and return the one that is shown. */
function showProfile() {
  const room = window.innerWidth >= ROOM.width && window.innerHeight >= ROOM.height;
  const shown = room ? state.profile : "screen";
  showStage(shown);
  return shown;
}

function enableHistory() {
  setProps("undo", { disabled: state.at === 0 });
  setProps("redo", { disabled: state.at === state.last });
  document.documentElement.toggleAttribute("data-undrawn", state.drawn >= 0 && state.drawn !== state.at);
}

/** Remember what is drawn, unless a task is awaited that has not arrived: of one that was cancelled nothing ever does. */
export function markDrawn() {
  const awaited = getProp("pending", "data") && getProp("awaiting", "data")?.key;
  const arrived = getProp("arrived", "data");
  if (awaited && (arrived?.key !== awaited || arrived?.error)) return;
  state.drawn = state.at;
  enableHistory();
}

function writeHistory(change: "pushState" | "replaceState", link: string) {
  if (change === "pushState") {
    state.at += 1;
    state.last = state.at;
    if (state.drawn >= state.at) state.drawn = -1;
    window.sessionStorage.setItem(LAST, String(state.last));
  }
  window.history[change]({ at: state.at }, "", window.location.pathname + link);
  enableHistory();
}

/** Begin to follow the link in the address: on opening the page, going back or forth, and clicking a link on the page. */
function nextLink() {
  state.following = true;
  state.followed += 1; // makes a link that is in the address already another one for Dash
  state.hideNext = query().get("hide") ?? state.hide;
  setCamera(query().get("camera"));
  return { query: window.location.search, count: state.followed };
}

const follow = () => setProps("address", { data: nextLink() });

const isPlain = (event: MouseEvent) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/** The links above a figure are made anew with it; if one was followed by keyboard, its successor takes the focus. */
function keepFocus() {
  const link = state.focus && document.querySelector(`.view:not([hidden]) .picker-panel a[href='${state.focus}']`);
  if (link instanceof HTMLElement && document.activeElement === document.body) link.focus({ preventScroll: true });
}

export function installAddress() {
  document.head.append(hiddenParts);

  window.addEventListener("resize", () => {
    const before = document.documentElement.dataset.profile;
    const now = isOpened() ? showProfile() : before;
    if (now !== before) setProps("profile", { data: now });
  });

  window.addEventListener("popstate", (event) => {
    if (!isOpened()) return;
    state.at = event.state?.at || 0;
    enableHistory();
    follow();
  });

  onClick("a[href^='?']", (link, event) => {
    if (!isOpened() || !isPlain(event)) return;
    event.preventDefault();
    const target = link.getAttribute("href") as string;
    state.focus = link === document.activeElement ? target : null;
    writeHistory("pushState", target);
    follow();
  });

  onClick("#restore", () => window.history.go(state.drawn - state.at));

  onElements(keepFocus);
  document.addEventListener("focusin", (event) => {
    if (state.focus && (event.target as Element).getAttribute("href") !== state.focus) state.focus = null;
  });

  // where surfaces are seen from is part of the link, but no choice to be undone
  onCameraMoved(
    debounce(CAMERA_REST, () => {
      if (!state.following) writeHistory("replaceState", wholeLink());
    }),
  );

  publish({
    openPage() {
      const before = window.history.state;
      if (before) {
        state.at = before.at;
        state.last = Math.max(state.at, Number(window.sessionStorage.getItem(LAST)));
        enableHistory();
      } else {
        window.sessionStorage.setItem(LAST, "0");
        window.history.replaceState({ at: 0 }, "");
      }
      state.profile = query().get("profile") === "projector" ? "projector" : "screen";
      return [nextLink(), showProfile()];
    },

    toggleProjector() {
      state.profile = state.profile === "projector" ? "screen" : "projector";
      writeHistory("replaceState", wholeLink());
      const shown = showProfile();
      showMessage(state.profile === shown ? "" : NO_ROOM);
      return shown;
    },

    /** A new choice adds to the browser's history, an answer to a followed link takes its place. */
    rememberLink(link) {
      if (link.count !== state.followed) return;
      state.own = link.query;
      state.cited = link.cited;
      if (link.left_out.includes("hide")) state.hideNext = ""; // a name in it is no control or view
      state.hide = state.hideNext;
      hiddenParts.textContent = hidingRules(state.hide);
      nameGroups();
      const text = wholeLink();
      if (text !== window.location.search) writeHistory(state.following ? "replaceState" : "pushState", text);
      state.following = false;
      markDrawn();
    },

    undo() {
      if (state.at > 0) window.history.back();
    },

    redo() {
      if (state.at < state.last) window.history.forward();
    },

    share() {
      copyText(sharedLink(currentLink())).then((done) =>
        showNote(element("share"), done ? SHARED[linkReach()] : "Copy the link from the address bar."),
      );
    },
  });
}
