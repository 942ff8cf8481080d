import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchWhole } from "../src/requests/answer.ts";
import { parseCall } from "../src/requests/call.ts";
import { AWAY, FORGOTTEN, GONE, pauseAfter, wrapFetch } from "../src/requests/fetch.ts";

const CALLBACK = "/_dash-update-component";

const post = (output: string, changed = ["a.value"]) => ({
  method: "POST",
  body: JSON.stringify({ output, changedPropIds: changed }),
});

const json = (value: unknown, init = {}) => Response.json(value, init);

/** A body that breaks off. */
const cut = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
        controller.error(new TypeError("network error"));
      },
    }),
    { headers: { "Content-Type": "application/json" } },
  );

/** A body that ends with its connection, so that nothing tells that it broke off. */
const short = () => new Response('{"a":', { headers: { "Content-Type": "application/json" } });

/** A page whose server gives answers in this order, the last one for ever. */
function pageWith(answers: (() => Response | Promise<Response>)[]) {
  const log: string[] = [];
  const caches: (string | undefined)[] = [];
  const state = { place: 0, painted: Promise.resolve() };
  const send = async (_: unknown, options: RequestInit | undefined) => {
    log.push("ask");
    caches.push(options?.cache);
    return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? new Response();
  };
  const fetch = wrapFetch(send as typeof globalThis.fetch, {
    placeInQueue: () => state.place,
    surfacesPainted: () => state.painted,
    reportTrouble: (_, text) => log.push(`trouble: ${text}`),
    clearTrouble: () => log.push("clear"),
    showNotice: (text) => log.push(`notice: ${text}`),
    askAgain: () => log.push("ask again"),
    sleep: async (milliseconds) => {
      log.push(milliseconds < 1500 ? `sleep ${milliseconds}` : "sleep");
    },
  });
  return { fetch, log, state, caches };
}

const refuse = () => {
  throw new TypeError("Failed to fetch");
};

test("what is no request of Dash's passes", async () => {
  assert.equal(parseCall("take/export?seed=1", {}), null);
  const { fetch, log } = pageWith([() => new Response("x", { status: 502 })]);
  assert.equal((await fetch("take/export")).status, 502);
  assert.deepEqual(log, ["ask"]);
});

test("a body that is no callback's is no fault", () => {
  const nothing = { output: null, changed: [], poll: false };
  for (const body of [undefined, "", "no JSON", "null", "3", "{}", '{"output": 3, "changedPropIds": "a"}']) {
    assert.deepEqual(parseCall(CALLBACK, { body }), nothing);
  }
  assert.deepEqual(parseCall(`${CALLBACK}?cacheKey=1`, post("x.y")), {
    output: "x.y",
    changed: ["a.value"],
    poll: true,
  });
});

for (const [name, hurt] of [
  ["a connection that is refused", refuse],
  ["a body that breaks off", cut],
  ["a body that is short", short],
  ["a proxy's 502", () => new Response("<html>", { status: 502 })],
] as [string, () => Response][]) {
  test(`${name} is asked for again`, async () => {
    for (const options of [post("a.data"), { method: "GET" }]) {
      const { fetch, log, caches } = pageWith([hurt, hurt, () => json({ a: 1 })]);
      const address = options.method === "GET" ? "/_dash-layout" : CALLBACK;
      assert.deepEqual(await (await fetch(address, options)).json(), { a: 1 });
      const again = [`trouble: ${AWAY}`, "sleep", "ask"];
      assert.deepEqual(log, ["ask", ...again, ...again, "clear"]);
      assert.deepEqual(caches, [undefined, "reload", "reload"]);
    }
  });
}

test("what the page starts with is asked for again whatever error is answered", async () => {
  const { fetch } = pageWith([
    () => new Response("Too fast.", { status: 429 }),
    () => new Response("broken", { status: 500 }),
    () => json([]),
  ]);
  assert.equal((await fetch("/_dash-dependencies", { method: "GET" })).status, 200);
});

test("too fast: the server's words, and its time", async () => {
  const tooFast = () =>
    new Response("Too fast.", { status: 429, headers: { "Content-Type": "text/plain", "Retry-After": "2" } });
  const { fetch, log } = pageWith([tooFast, () => json({})]);
  await fetch(CALLBACK, post("a.data"));
  assert.deepEqual(log, ["ask", "trouble: Too fast.", "sleep", "ask", "clear"]);
});

test("another error of the server is shown and answered", async () => {
  const { fetch, log } = pageWith([
    () => new Response("Broken.", { status: 500, headers: { "Content-Type": "text/plain" } }),
  ]);
  const response = await fetch(CALLBACK, post("a.data"));
  assert.deepEqual([response.status, await response.text()], [500, "Broken."]);
  assert.deepEqual(log, ["ask", "notice: Broken.", "clear"]);
});

test("a server that stays away is given up after three minutes, but not by a page that starts", async (t) => {
  let now = 0;
  t.mock.method(Date, "now", () => (now += 61_000));
  const { fetch, log } = pageWith([refuse]);
  await assert.rejects(fetch(CALLBACK, post("a.data")), new TypeError(GONE));
  assert.deepEqual(log.slice(-2), [`notice: ${GONE}`, "clear"]);
  const starting = pageWith([refuse, refuse, refuse, refuse, refuse, refuse, () => json({})]);
  assert.equal((await starting.fetch("/_dash-layout")).status, 200);
});

test("what the server has forgotten is computed anew", async () => {
  const { fetch, log } = pageWith([() => new Response("", { status: 410 })]);
  assert.equal((await fetch(CALLBACK, post("computed.data"))).status, 204);
  assert.deepEqual(log, ["ask", `notice: ${FORGOTTEN}`, "sleep", "ask again", "clear"]);
});

test("an answer that comes after a later one of the same callback is dropped, a job's is not", async () => {
  for (const [output, status] of [
    ["a.data", 204],
    ["computed.data", 200],
  ] as [string, number][]) {
    let answer = (_: Response) => {};
    const { fetch } = pageWith([() => new Promise((done) => (answer = done)), () => json({})]);
    const early = fetch(CALLBACK, post(output));
    assert.equal((await fetch(CALLBACK, post(output))).status, 200);
    assert.equal((await fetch(CALLBACK, post("b.data"))).status, 200);
    answer(json({}));
    assert.equal((await early).status, status);
  }
});

test("what has arrived for a choice is dropped once another one is drawn, not once one is refused", async () => {
  for (const [headers, status] of [
    [{ "X-Batchscape-Draws": "1" }, 204],
    [{}, 200],
  ] as [Record<string, string>, number][]) {
    let answer = (_: Response) => {};
    const { fetch } = pageWith([() => new Promise((done) => (answer = done)), () => json({}, { headers })]);
    const arrival = fetch(CALLBACK, post("notice.children", ["arrived.data"]));
    await fetch(CALLBACK, post("..request.data...link.data..", ["seed.value"]));
    answer(json({}));
    assert.equal((await arrival).status, status);
  }
});

test("an answer that draws a choice is dropped once a later choice is asked for", async () => {
  const draws = () => json({}, { headers: { "X-Batchscape-Draws": "1" } });
  let answer = (_: Response) => {};
  const { fetch } = pageWith([() => new Promise((done) => (answer = done)), () => json({})]);
  const early = fetch(CALLBACK, post("..request.data...link.data.."));
  const late = fetch(CALLBACK, post("..request.data...link.data.."));
  answer(draws());
  assert.equal((await early).status, 204);
  assert.equal((await late).status, 200);
});

test("a request is not asked again once a later one of the same callback is made", async () => {
  const { fetch, log } = pageWith([refuse, () => json({})]);
  const responses = await Promise.all([fetch(CALLBACK, post("a.data")), fetch(CALLBACK, post("a.data"))]);
  assert.deepEqual(
    responses.map(({ status }) => status),
    [204, 200],
  );
  assert.equal(log.filter((one) => one === "ask").length, 2);
});

test("a page far back in the queue polls less often, and asks all else at once", async () => {
  const { fetch, log, state } = pageWith([() => json({})]);
  for (const place of [0, 2, 50]) {
    state.place = place;
    await fetch(`${CALLBACK}?cacheKey=1`, post("computed.data"));
  }
  await fetch(CALLBACK, post("a.data"));
  assert.deepEqual(
    log.filter((one) => one !== "clear"),
    ["ask", "sleep 600", "ask", "sleep", "ask", "ask"],
  );
});

test("computing for a choice waits for the surfaces, and nothing else does", async () => {
  const { fetch, log, state } = pageWith([() => json({})]);
  let paint = () => {};
  state.painted = new Promise((done) => (paint = done));
  const follows = fetch(CALLBACK, post("computed.data", ["pending.data"]));
  await fetch(CALLBACK, post("b.data", ["request.data", "pending.data"]));
  assert.equal(log.filter((one) => one === "ask").length, 1);
  paint();
  await follows;
  assert.equal(log.filter((one) => one === "ask").length, 2);
});

test("pauses grow, and are not the same for all", () => {
  const pauses = [0, 1, 2, 20].map((attempt) => pauseAfter(attempt, 0, 0));
  assert.deepEqual(pauses, [1500, 2250, 3375, 15_000]);
  assert.deepEqual([pauseAfter(7, 2, 0), pauseAfter(0, 0, 1)], [2000, 2250]);
});

test("a body that stalls breaks off", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const send: typeof fetch = async (_, options) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(3));
          options?.signal?.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
        },
      }),
    );
  const answer = fetchWhole(send, CALLBACK);
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((done) => setImmediate(done));
  }
  t.mock.timers.tick(20_000);
  assert.equal(await answer, null);
});

test("a caller who gives up is told so", async () => {
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(fetchWhole(fetch, "http://localhost:1/", { signal: controller.signal }), { name: "AbortError" });
});
