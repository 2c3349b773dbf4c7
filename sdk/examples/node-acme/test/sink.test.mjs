// What goes over the wire, and in which order.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import test from "node:test";
import voldaan from "../build/voldaan.cjs";

const { Fault, Sink, codeOf } = voldaan;

class Call extends EventEmitter {
  sent = [];
  busy = false;
  write(m) { this.sent.push(m); return !this.busy; }
}

const party = (id) => ({ id: String(id), name: "x", kind: "unknown" });

test("records go out in batches, with their checkpoint", async () => {
  const call = new Call(), sink = new Sink(call);
  for (let i = 0; i < 501; i++) { await sink.party(party(i)); await sink.checkpoint(String(i)); }
  await sink.flush();
  assert.deepEqual(call.sent.map((m) => [m.parties.length, String(m.checkpoint)]), [[500, "498"], [1, "500"]]);
});

test("what follows a deletion comes in a message of its own", async () => {
  const call = new Call(), sink = new Sink(call);
  await sink.gone("parties", "1");
  await sink.party(party(1));
  await sink.complete("parties");
  await sink.gone("invoices", "2");
  await sink.flush();
  assert.deepEqual(call.sent.map((m) => Object.keys(m).join()), ["gone", "parties,complete", "gone"]);
});

test("amounts and days are exact, and what is none is reported", async () => {
  const call = new Call(), sink = new Sink(call);
  await sink.payment({ id: "1", currency: "EUR", amount: "-1005.10", valueDate: "2026-03-02" });
  await sink.payment({ id: "2", currency: "JPY", amount: "1200.0" });
  for (const amount of ["1,00", "1.001", "1e3", "", "NaN"]) await sink.payment({ id: amount, currency: "EUR", amount });
  await sink.payment({ id: "3", currency: "EUR", amount: "1.00", valueDate: "2 March" });
  await sink.flush();
  const { payments, unreadable } = call.sent[0];
  assert.deepEqual(payments.map((p) => [p.amount, p.valueDate]), [["-100510", 20260302], ["1200", 0]]);
  assert.equal(unreadable.length, 6);
});

test("the host's answer to a comparison comes in parts", async () => {
  const call = new Call(), sink = new Sink(call);
  const list = Array.from({ length: 5001 }, (_, i) => ({ id: String(i), revision: "1" }));
  const wanted = sink.compare("invoices", list);
  await new Promise(setImmediate);
  assert.deepEqual(call.sent.map((m) => [m.compare.revisions.length, m.compare.more]), [[5000, true], [1, false]]);
  sink.wanted({ ids: ["1"], more: true });
  sink.wanted({ ids: ["2"], more: false });
  assert.deepEqual(await wanted, ["1", "2"]);
});

test("a host that hangs up ends what waits", async () => {
  const call = new Call(), sink = new Sink(call);
  const wanted = sink.compare("invoices", []);
  await new Promise(setImmediate);
  call.emit("cancelled");
  await assert.rejects(wanted, { kind: "passing" });
  call.busy = true;
  await sink.party(party(1));
  const flushed = sink.flush();
  call.emit("drain");
  await flushed;
});

test("faults keep their meaning", () => {
  assert.deepEqual(codeOf(new Fault("wait", "busy", 1500)), { code: 8, details: "busy", waitMs: 1500 });
  assert.equal(codeOf(new Fault("auth", "no")).code, 16);
  assert.equal(codeOf(new Error("odd")).code, 2);
});
