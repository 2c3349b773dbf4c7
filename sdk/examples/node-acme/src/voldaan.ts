// The author's side of the contract in sdk/wire, for Node: what package sdk and
// package sdk/serve are for Go. It changes seldom; a connector is beside it.
import type * as grpc from "@grpc/grpc-js";
import type { Administration, Invoice, Party, Payment, Stream } from "./records.js";
import { streamName, wireInvoice, wireParty, wirePayment } from "./records.js";

/** A connector. Optional methods are its capabilities, as in connector.yaml. */
export interface Connector {
  /** check proves with one cheap call that the connection works. */
  check(s: Session): Promise<void>;
  administrations(s: Session): Promise<Administration[]>;
  /** pull sends all records when there is no cursor, otherwise what changed since, or the invoices that are asked for. */
  pull(s: Session, r: PullRequest, sink: Sink): Promise<void>;
  document?(s: Session, r: { administration: string; invoice: string; format: "pdf" | "ubl" }): Promise<{ name: string; contentType: string; content: Buffer }>;
  push?(s: Session, w: Write): Promise<Outcome>;
  find?(s: Session, w: Write): Promise<Outcome>;
  webhook?(s: Session, call: { header: Map<string, string>; body: Buffer }): Promise<Hint[]>;
  subscribe?(s: Session, r: { administration: string; url: string }): Promise<{ id: string; secret?: string }>;
  unsubscribe?(s: Session, r: { administration: string; id: string }): Promise<void>;
}

export interface PullRequest { administration: string; cursor: string; invoices: string[] }
export interface Write { key: string; administration: string; payment?: { invoice: string; currency: string; amount: string; valueDate: string; reference: string } }
export interface Outcome { state: "applied" | "rejected" | "uncertain"; externalId?: string; message?: string }
export interface Hint { administration: string; stream: Stream; id: string; event?: string }

/** Fault tells the host what to do; any other error is taken for a passing one. */
export class Fault extends Error {
  constructor(readonly kind: "auth" | "invalid" | "gone" | "resync" | "wait" | "passing", message: string, readonly waitMs = 60_000) { super(message); }
}

/** Session is one connection of one tenant during one call. */
export class Session {
  constructor(
    private readonly host: grpc.Client, private readonly token: string, readonly connection: string,
    /** Answers to the connection form, without the secret ones. */
    readonly config: Record<string, string>, readonly webhookSecret: Buffer, private readonly deadline: number,
  ) {}

  log(message: string): void { console.error(JSON.stringify({ level: "INFO", msg: message, connection: this.connection })); }

  /**
   * http makes a request through the host, which adds the credentials, keeps the
   * rate limit and tries again what may be tried again. repeatable marks a POST
   * that only reads.
   */
  http(method: string, url: string, o: { header?: Record<string, string>; body?: string | Buffer; repeatable?: boolean } = {}): Promise<Response> {
    const call = (this.host as any).exchange({ deadline: this.deadline }) as grpc.ClientDuplexStream<object, any>;
    const header = Object.entries(o.header ?? {}).map(([name, value]) => ({ name, value: Buffer.from(value) }));
    const body = Buffer.from(o.body ?? "");
    call.write({ head: { token: this.token, method, url, header, repeatable: o.repeatable }, body: body.subarray(0, chunk) });
    for (let at = chunk; at < body.length; at += chunk) call.write({ body: body.subarray(at, at + chunk) });
    call.end();
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let status = 0;
      const got = new Map<string, string>();
      call.on("data", (m: any) => {
        for (const f of m.head?.header ?? []) got.set(f.name.toLowerCase(), Buffer.from(f.value).toString());
        status = m.head?.status || status;
        if (m.body?.length) parts.push(m.body);
      });
      call.on("error", (e: grpc.ServiceError) => reject(faultOf(e)));
      call.on("end", () => resolve(new Response(status, got, Buffer.concat(parts))));
    });
  }
}

const chunk = 128 << 10;

/** Response is an answer of the package. */
export class Response {
  constructor(readonly status: number, readonly header: Map<string, string>, readonly body: Buffer) {}
  json(): any { return JSON.parse(this.body.toString("utf8")); }
}

/** Sink takes records; what it is given goes out in batches. Await every call. */
export class Sink {
  private batch: any = {};
  private records = 0;
  private answered?: (ids: string[] | Error) => void;
  private readonly ids: string[] = [];
  constructor(private readonly call: grpc.ServerDuplexStream<any, any>) {
    call.once("cancelled", () => this.answered?.(new Fault("passing", "the host wants no more")));
  }

  party(p: Party): Promise<void> { return this.add("parties", "parties", p.id, () => wireParty(p)); }
  invoice(v: Invoice): Promise<void> { return this.add("invoices", "invoices", v.id, () => wireInvoice(v)); }
  payment(p: Payment): Promise<void> { return this.add("payments", "payments", p.id, () => wirePayment(p)); }
  /** unreadable says that a record exists but cannot be told; the user sees the reason. */
  async unreadable(stream: Stream, id: string, reason: string): Promise<void> {
    await this.before();
    (this.batch.unreadable ??= []).push({ stream: streamName(stream), id, reason: reason.slice(0, 1000) });
    await this.count();
  }
  /** gone says that a record was deleted at the source. */
  async gone(stream: Stream, id: string): Promise<void> {
    if (this.batch.complete) await this.flush();
    (this.batch.gone ??= []).push({ stream: streamName(stream), id });
    await this.count();
  }
  /** complete says that this pull sent every record of a stream. */
  async complete(stream: Stream): Promise<void> { (this.batch.complete ??= []).push(streamName(stream)); }
  /** checkpoint says that everything up to here can be resumed with the cursor. */
  async checkpoint(cursor: string): Promise<void> { this.batch.checkpoint = Buffer.from(cursor); }

  /**
   * compare takes the complete list of a stream, where a package lists ids with
   * revisions cheaply, and returns the ids that the host does not have like that.
   * What is missing from the list is taken as deleted.
   */
  async compare(stream: Stream, list: { id: string; revision: string }[]): Promise<string[]> {
    await this.flush();
    const answer = new Promise<string[]>((go, stop) => { this.answered = (a) => (a instanceof Error ? stop(a) : go(a)); });
    let at = 0;
    do {
      const revisions = list.slice(at, (at += 5000));
      this.call.write({ compare: { stream: streamName(stream), revisions, more: at < list.length } });
    } while (at < list.length);
    return answer;
  }
  /** wanted takes the host's answer, part by part. */
  wanted(w: { ids: string[]; more: boolean }): void {
    this.ids.push(...w.ids);
    if (!w.more) this.answered?.(this.ids.splice(0));
  }

  /** add sends a record; one that the wire has no form for is reported instead. */
  private async add(list: string, stream: Stream, id: string, record: () => object): Promise<void> {
    let made: object;
    try { made = record(); } catch (e) { return this.unreadable(stream, id, String((e as Error).message)); }
    await this.before();
    (this.batch[list] ??= []).push(made);
    await this.count();
  }
  /** What is gone or complete takes effect after the records of its message. */
  private async before(): Promise<void> { if (this.batch.gone || this.batch.complete) await this.flush(); }
  private async count(): Promise<void> { if (++this.records >= 500) await this.flush(); }

  async flush(): Promise<void> {
    const batch = this.batch;
    if (Object.keys(batch).length === 0) return;
    this.batch = {};
    this.records = 0;
    if (this.call.cancelled) throw new Fault("passing", "the host wants no more");
    if (!this.call.write(batch)) await new Promise<void>((go) => { this.call.once("drain", go); this.call.once("cancelled", go); });
  }
}

// Faults by the gRPC code that stands for them.
const codes: Record<string, number> = { passing: 2, invalid: 3, gone: 5, wait: 8, resync: 11, auth: 16 };
export const retryAfter = "voldaan-retry-after-ms";

/** faultOf is what the host's refusal of a request means. */
function faultOf(e: grpc.ServiceError): Fault {
  const kind = Object.keys(codes).find((k) => codes[k] === e.code) ?? (e.code === 7 ? "invalid" : "passing");
  return new Fault(kind as Fault["kind"], e.details, Number(e.metadata?.get(retryAfter)[0] ?? 60_000));
}

/** codeOf is what an error of the author is on the wire. */
export function codeOf(e: unknown): { code: number; details: string; waitMs?: number } {
  const details = e instanceof Error ? e.message : String(e);
  if (!(e instanceof Fault)) return { code: 2, details };
  return { code: codes[e.kind]!, details, waitMs: e.kind === "wait" ? Math.max(1, Math.round(e.waitMs)) : undefined };
}
