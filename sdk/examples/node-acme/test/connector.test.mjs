// Tests without a host: a session whose requests are answered here.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import connector from "../build/connector.cjs";

const { acme } = connector;

const answer = (status, body) => ({ status, body: Buffer.from(JSON.stringify(body)), json: () => body });
const session = (answers) => ({ config: {}, webhookSecret: Buffer.from("s"), http: async (method, url) => answers[`${method} ${new URL(url).pathname}`] ?? answer(404, {}) });

class Recorder {
  constructor() { this.got = []; }
  async party(p) { this.got.push(p); }
  async invoice(v) { this.got.push(v); }
  async payment(p) { this.got.push(p); }
  async unreadable(stream, id, reason) { this.got.push({ unreadable: id, reason }); }
  async gone(stream, id) { this.got.push({ gone: id }); }
  async complete() {}
  async checkpoint(cursor) { this.cursor = cursor; }
}

const invoice = {
  id: "inv_1", version: 7, type: "credit_note", number: "2026-1", customer: "cus_1", state: "open", date: "2026-03-02", due: "2026-03-16",
  currency: "EUR", total: "-121.00", open: "-21.00", reference: "", credits: "inv_0", payments: [],
};

test("a credit note turns positive, and an unknown state is reported", async () => {
  const sink = new Recorder();
  await acme.pull(session({
    "GET /v1/companies/1/customers": answer(200, { data: [], next: null }),
    "GET /v1/companies/1/invoices": answer(200, { data: [invoice, { ...invoice, id: "inv_2", version: 8, state: "odd" }], next: null }),
    "GET /v1/companies/1/deletions": answer(200, { data: [{ type: "invoice", id: "inv_3", version: 9 }], next: null }),
  }), { administration: "1", cursor: "", invoices: [] }, sink);
  assert.equal(sink.got[0].kind, "credit_note");
  assert.equal(sink.got[0].total, "121.00");
  assert.equal(sink.got[0].open, "21.00");
  assert.deepEqual(sink.got.slice(1), [{ unreadable: "inv_2", reason: 'the state "odd" is not known' }, { gone: "inv_3" }]);
  assert.deepEqual(JSON.parse(sink.cursor), { invoices: 8, deletions: 9 });
});

test("an invoice that is not there any more is gone", async () => {
  const sink = new Recorder();
  await acme.pull(session({}), { administration: "1", cursor: "", invoices: ["inv_9"] }, sink);
  assert.deepEqual(sink.got, [{ gone: "inv_9" }]);
});

test("a refused key asks for a person", async () => {
  await assert.rejects(acme.check(session({ "GET /v1/companies": answer(401, { error: { message: "no" } }) })), { kind: "auth" });
});

test("only signed calls are believed", async () => {
  const body = Buffer.from(JSON.stringify({ id: "e", company: "1", type: "invoice.update", record: "inv_1" }));
  const sign = (key) => new Map([["x-acme-signature", createHmac("sha256", key).update(body).digest("hex")]]);
  assert.deepEqual(await acme.webhook(session({}), { header: sign("s"), body }), [{ administration: "1", stream: "invoices", id: "inv_1", event: "e" }]);
  await assert.rejects(acme.webhook(session({}), { header: sign("other"), body }), { kind: "auth" });
});
