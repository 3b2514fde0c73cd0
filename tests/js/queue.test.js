/** Requests run one after another, in the order in which they were made. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RequestQueue } from "../../digest/preview/static/queue.js";

/** Return a promise with the functions that settle it. */
function deferred() {
  let settle;
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a request begins when the one before it is answered", async () => {
  const queue = new RequestQueue();
  const begun = [];
  const first = deferred();
  const answers = [
    queue.add(() => {
      begun.push("first");
      return first.promise;
    }),
    queue.add(async () => {
      begun.push("second");
      return 2;
    }),
  ];
  await turn();
  const before = [...begun];
  first.resolve(1);

  assert.deepEqual(await Promise.all(answers), [1, 2]);
  assert.deepEqual([before, begun], [["first"], ["first", "second"]]);
});

test("a request that fails rejects its own promise and holds up none behind it", async () => {
  const queue = new RequestQueue();
  const failed = queue.add(() => Promise.reject(new Error("offline")));
  const next = queue.add(async () => "written");

  await assert.rejects(failed, /offline/);
  assert.equal(await next, "written");
});

test("pending counts every request until it is answered, failed ones too", async () => {
  const queue = new RequestQueue();
  const first = deferred();
  const answers = [queue.add(() => first.promise), queue.add(async () => {})];
  const counts = [queue.pending];
  first.reject(new Error("offline"));
  await Promise.allSettled(answers);
  counts.push(queue.pending);

  assert.deepEqual(counts, [2, 0]);
});

test("drained is kept when what is in the queue now is answered, and never rejected", async () => {
  const queue = new RequestQueue();
  const first = deferred();
  let isDrained = false;
  const failed = queue.add(() => first.promise);
  const drained = queue.drained.then(() => {
    isDrained = true;
  });
  await turn();
  const before = isDrained;
  first.reject(new Error("offline"));
  await assert.rejects(failed);
  await drained;

  assert.deepEqual([before, isDrained], [false, true]);
});
