// The connector itself: Acme Books v1. It keeps nothing between calls; one process
// serves all connections at once.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Connector, Outcome, Session, Sink, Write } from "./voldaan.js";
import { Fault } from "./voldaan.js";
import type { Invoice, Party, Stream } from "./records.js";
import { negated } from "./records.js";

const home = "https://api.acmebooks.example/v1";
const streams: Record<string, Stream> = { customer: "parties", invoice: "invoices", payment: "payments" };

/** Refused is an answer that is no success, in the package's own words. */
class Refused extends Fault {
  constructor(readonly status: number, readonly words: string) {
    super(status === 401 || status === 403 ? "auth" : status === 404 ? "gone" : status === 429 || status >= 500 ? "passing" : "invalid", `Acme Books answers ${status}: ${words}`);
  }
}

async function call(s: Session, method: string, path: string, body?: object): Promise<any> {
  const r = await s.http(method, home + path, body && { header: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (r.status >= 300) {
    let words = "";
    try { words = r.json().error.message; } catch { /* words are not needed */ }
    throw new Refused(r.status, words);
  }
  return r.body.length ? r.json() : undefined;
}

const at = (...parts: string[]): string => "/companies/" + parts.map(encodeURIComponent).join("/");

/** party says unknown rather than guess: the law protects consumers. */
function party(c: any): Party {
  const company = c.type === "company";
  return {
    id: c.id, revision: String(c.version), name: c.name, kind: company ? "business" : c.type === "person" ? "consumer" : "unknown",
    attention: company ? c.contact_person : undefined, email: c.email, phone: c.phone, language: c.language, iban: c.iban,
    vatNumber: c.vat_number, registration: c.registration,
    address: { line1: c.address.street, postalCode: c.address.postal_code, city: c.address.city, country: c.address.country },
  };
}

const states: Record<string, Invoice["status"]> = { draft: "draft", open: "open", paid: "paid", cancelled: "void" };

async function send(v: any, sink: Sink): Promise<void> {
  const status = states[v.state];
  if (!status) return sink.unreadable("invoices", v.id, `the state "${v.state}" is not known`);
  const credit = v.type === "credit_note"; // its amounts are negative there and positive here
  await sink.invoice({
    id: v.id, revision: String(v.version), partyId: v.customer, number: v.number, kind: credit ? "credit_note" : "invoice", status,
    issued: v.date, due: v.due, currency: v.currency, total: credit ? negated(v.total) : v.total, open: credit ? negated(v.open) : v.open,
    reference: v.reference, credits: credit ? v.credits ?? undefined : undefined, document: status !== "draft",
  });
  for (const p of v.payments) {
    await sink.payment({
      id: p.id, partyId: v.customer, invoiceId: v.id, currency: v.currency, amount: p.amount, valueDate: p.paid_on,
      reference: p.reference, creditNote: p.credit_note ?? undefined,
    });
  }
}

export const acme: Connector = {
  async check(s) { await call(s, "GET", "/companies"); },

  async administrations(s) {
    const { data } = await call(s, "GET", "/companies");
    return data.map((a: any) => ({ id: a.id, name: a.name, country: a.country, currency: a.currency, timeZone: a.time_zone }));
  },

  async pull(s, r, sink) {
    if (r.invoices.length > 0) { // just before a reminder is sent
      for (const id of r.invoices) {
        let v: any;
        try { v = await call(s, "GET", at(r.administration, "invoices", id)); } catch (e) {
          if (!(e instanceof Fault && e.kind === "gone")) throw e;
          await sink.gone("invoices", id);
          continue;
        }
        await send(v, sink);
      }
      return;
    }
    // Where the last pull ended: in each list, the version up to which it was read.
    const cursor: Record<string, number> = r.cursor ? JSON.parse(r.cursor) : {};
    const read = async (list: string, each: (item: any) => Promise<void>): Promise<void> => {
      for (let next: string | null = ""; next !== null; ) {
        const q = new URLSearchParams({ since: String(cursor[list] ?? 0), ...(next ? { cursor: next } : {}) });
        const page: any = await call(s, "GET", `${at(r.administration, list)}?${q}`);
        for (const item of page.data) {
          await each(item);
          cursor[list] = Math.max(cursor[list] ?? 0, item.version);
        }
        await sink.checkpoint(JSON.stringify(cursor));
        if (next && page.next === next) throw new Error("Acme Books gives the same page twice");
        next = page.next;
      }
    };
    await read("customers", (c) => sink.party(party(c)));
    await read("invoices", async (v) => { if (v.state !== "draft" || s.config.drafts === "true") await send(v, sink); });
    await read("deletions", async (d) => { const stream = streams[d.type]; if (stream) await sink.gone(stream, d.id); });
    if (!r.cursor) for (const stream of ["parties", "invoices", "payments"] as const) await sink.complete(stream);
  },

  async document(s, r) {
    if (r.format !== "pdf") throw new Fault("gone", "Acme Books has no " + r.format);
    const a = await s.http("GET", home + at(r.administration, "invoices", r.invoice, "pdf"));
    if (a.status >= 300) throw new Refused(a.status, "no PDF");
    return { name: r.invoice + ".pdf", contentType: "application/pdf", content: a.body };
  },

  // Acme Books would take a payment twice, so it is looked for first, by the key
  // that is the same for every attempt.
  async push(s, w) {
    const there = await find(s, w);
    if (there.state === "applied" || !w.payment) return there;
    const path = at(w.administration, "invoices", w.payment.invoice, "payments");
    try {
      const made = await call(s, "POST", path, { amount: w.payment.amount, paid_on: w.payment.valueDate, reference: w.key });
      return { state: "applied", externalId: made.id };
    } catch (e) {
      const status = e instanceof Refused ? e.status : 0;
      if (e instanceof Fault && e.kind === "auth" || status === 429) throw e;
      if (status === 404) return { state: "rejected", message: gone };
      if (status > 0 && status < 500) return { state: "rejected", message: (e as Refused).words };
      return { state: "uncertain", message: String(e) }; // the host asks find before it tries again
    }
  },
  find,

  async webhook(s, c) {
    const given = Buffer.from(c.header.get("x-acme-signature") ?? "", "hex");
    const right = createHmac("sha256", s.webhookSecret).update(c.body).digest();
    if (s.webhookSecret.length === 0 || given.length !== right.length || !timingSafeEqual(given, right)) throw new Fault("auth", "the signature of the call is wrong");
    const e = JSON.parse(c.body.toString());
    const stream = streams[String(e.type).split(".")[0]!];
    if (!stream || stream === "payments" || !e.record) return []; // a payment's invoice changes with it
    return [{ administration: e.company, stream, id: e.record, event: e.id }];
  },

  // The secret is told once, when a webhook is made: one that is there for the
  // address is made anew.
  async subscribe(s, r) {
    const { data } = await call(s, "GET", at(r.administration, "webhooks"));
    for (const h of data) if (h.url === r.url) await acme.unsubscribe!(s, { administration: r.administration, id: h.id });
    return call(s, "POST", at(r.administration, "webhooks"), { url: r.url });
  },

  async unsubscribe(s, r) {
    try { await call(s, "DELETE", at(r.administration, "webhooks", r.id)); } catch (e) {
      if (!(e instanceof Fault && e.kind === "gone")) throw e;
    }
  },
};

const gone = "The invoice is not in Acme Books any more.";

async function find(s: Session, w: Write): Promise<Outcome> {
  if (!w.payment) return { state: "rejected", message: "Acme Books takes payments only." };
  let v: any;
  try { v = await call(s, "GET", at(w.administration, "invoices", w.payment.invoice)); } catch (e) {
    if (e instanceof Fault && e.kind === "gone") return { state: "rejected", message: gone };
    throw e;
  }
  const p = v.payments.find((p: any) => p.reference === w.key);
  return p ? { state: "applied", externalId: p.id } : { state: "rejected", message: "The payment is not there." };
}
