import assert from "node:assert/strict";
import { test } from "node:test";
import { Playback } from "../src/playback/playback.ts";

function stageOf({ last = 5, speed = 10, calm = false }: { last?: number; speed?: number; calm?: boolean } = {}) {
  const seen = {
    last,
    visible: true,
    shown: [] as number[],
    playing: [] as boolean[],
    rested: [] as number[],
  };
  const playback = new Playback(
    {
      last: () => seen.last,
      stepsPerSecond: () => speed,
      isVisible: () => seen.visible,
      show: (step) => seen.shown.push(step),
      showPlaying: (playing) => seen.playing.push(playing),
      rest: (step) => seen.rested.push(step),
    },
    () => calm,
  );
  return { playback, seen };
}

test("steps go forth and back, and stay within the line", () => {
  const { playback, seen } = stageOf();
  const { step, back, restart, finish } = playback.actions();
  for (const action of [step, step, back, finish, step, restart, back]) {
    action();
  }
  assert.deepEqual(seen.shown, [1, 2, 1, 5, 5, 0, 0]);
});

test("the step is written once it rests, and not twice", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { playback, seen } = stageOf();
  playback.goTo(1);
  t.mock.timers.tick(600);
  playback.goTo(2);
  t.mock.timers.tick(600);
  assert.deepEqual(seen.rested, []);
  t.mock.timers.tick(100);
  assert.deepEqual(seen.rested, [2]);
  assert.equal(playback.take(2), false); // the control says what it was told
  playback.goTo(2);
  t.mock.timers.tick(1000);
  assert.deepEqual(seen.rested, [2]);
});

test("playing begins at once, keeps its pace, and pauses at the end", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => 0);
  const { playback, seen } = stageOf({ last: 3 });
  playback.toggle();
  assert.deepEqual(seen.shown, [1]);
  t.mock.timers.tick(99);
  assert.deepEqual(seen.shown, [1]);
  t.mock.timers.tick(1);
  assert.deepEqual(seen.shown, [1, 2]);
  assert.deepEqual(seen.rested, []);
  t.mock.timers.tick(100);
  assert.deepEqual(seen.shown, [1, 2, 3]);
  assert.equal(playback.isPlaying, false);
  assert.deepEqual(seen.playing, [true, false]);
  t.mock.timers.tick(700);
  assert.deepEqual(seen.rested, [3]);
});

test("play at the end begins anew; play while playing pauses", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { playback, seen } = stageOf({ last: 3 });
  playback.goTo(3);
  playback.toggle();
  assert.deepEqual(seen.shown, [3, 1]);
  playback.toggle();
  t.mock.timers.tick(5000);
  assert.deepEqual(seen.shown, [3, 1]);
});

test("little motion: three steps a second at most", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => 0);
  const { playback, seen } = stageOf({ calm: true, speed: 20 });
  playback.toggle();
  t.mock.timers.tick(333);
  assert.deepEqual(seen.shown, [1]);
  t.mock.timers.tick(1);
  assert.deepEqual(seen.shown, [1, 2]);
});

test("a view that is left stops playing, and its keys do nothing", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { playback, seen } = stageOf();
  playback.toggle();
  seen.visible = false;
  t.mock.timers.tick(200);
  assert.equal(playback.isPlaying, false);
  playback.actions().step();
  assert.deepEqual(seen.shown, [1]);
});

test("the control's step is taken, beyond the end too, and what is no step is not", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { playback, seen } = stageOf();
  assert.equal(playback.take(40), true);
  assert.equal(playback.step, 5);
  for (const wrong of [-1, 1.5, "3", null, undefined]) {
    assert.equal(playback.take(wrong), false);
  }
  seen.last = 50;
  playback.refresh();
  assert.deepEqual(seen.shown, [40]);
  playback.goTo(0);
  playback.forgetRest();
  t.mock.timers.tick(5000);
  assert.deepEqual(seen.rested, []);
});
