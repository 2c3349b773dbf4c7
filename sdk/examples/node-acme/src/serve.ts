// Runs a connector as the program that the host starts: go-plugin's handshake, and
// a gRPC server on a unix socket.
import * as grpc from "@grpc/grpc-js";
import * as loader from "@grpc/proto-loader";
import { join } from "node:path";
import type { Connector } from "./voldaan.js";
import { Session, Sink, codeOf, retryAfter } from "./voldaan.js";
import { dayText, major, streamName } from "./records.js";

/** The contract of sdk/wire, put in by build.mjs. */
declare const CONTRACT: any;

const cookie = "d1f3c2a8-from-invoice-to-voldaan";

/** serve answers the host until it ends the process. */
export function serve(c: Connector): void {
  const env = process.env;
  if (env.VOLDAAN_CONNECTOR !== cookie) {
    console.error("This is a connector of Voldaan, which starts it. Try it with: voldaan connector dev .");
    process.exit(1);
  }
  const api = (grpc.loadPackageDefinition(loader.fromJSON(CONTRACT, { longs: String, enums: String, defaults: true })) as any).voldaan.connector.v1;
  const limits = { "grpc.max_receive_message_length": 8 << 20, "grpc.max_send_message_length": 8 << 20 };
  const host = new api.HostService("unix:" + env.VOLDAAN_HOST_SOCKET, grpc.credentials.createInsecure(), limits);
  const server = new grpc.Server(limits);
  server.addService(api.ConnectorService.service, methods(c, host));
  server.addService(controller, { Shutdown: (_: unknown, done: (e: null, b: Buffer) => void) => { done(null, Buffer.alloc(0)); setTimeout(() => process.exit(0), 50); } });
  const socket = join(env.PLUGIN_UNIX_SOCKET_DIR ?? env.TMPDIR ?? "/tmp", "connector");
  server.bindAsync("unix:" + socket, grpc.ServerCredentials.createInsecure(), (e) => {
    if (e) throw e;
    // go-plugin's handshake: its version, ours, and where we listen.
    process.stdout.write(`1|1|unix|${socket}|grpc|\n`);
  });
}

// Of go-plugin: how the host asks a program to end.
const empty = { requestStream: false, responseStream: false, requestSerialize: (b: Buffer) => b, requestDeserialize: (b: Buffer) => b, responseSerialize: (b: Buffer) => b, responseDeserialize: (b: Buffer) => b };
const controller = { Shutdown: { path: "/plugin.GRPCController/Shutdown", ...empty } };

function methods(c: Connector, host: grpc.Client): grpc.UntypedServiceImplementation {
  const session = (m: any): Session => {
    const ms = Number(m?.timeoutMs ?? 0);
    return new Session(host, m?.token ?? "", m?.connection ?? "", m?.config ?? {}, Buffer.from(m?.webhookSecret ?? ""), ms > 0 ? Date.now() + ms : Infinity);
  };
  const failure = (e: unknown): grpc.ServiceError => {
    const { code, details, waitMs } = codeOf(e);
    const metadata = new grpc.Metadata();
    if (waitMs) metadata.set(retryAfter, String(waitMs));
    return Object.assign(new Error(details), { code, details: details.slice(0, 2000), metadata });
  };
  const cannot = Object.assign(new Error(), { code: grpc.status.UNIMPLEMENTED, details: "the connector cannot do this", metadata: new grpc.Metadata() });

  /** unary carries a call of the host to a method, if there is one. */
  const unary = (method: unknown, answer: (s: Session, m: any) => Promise<object>) => (call: { request: any }, done: (e: grpc.ServiceError | null, a?: object) => void) => {
    if (!method) return done(cannot);
    answer(session(call.request.session), call.request).then((a) => done(null, a), (e) => done(failure(e)));
  };
  const write = (m: any) => {
    const p = m.payment;
    return { key: m.key, administration: m.administration, payment: p ? { ...p, amount: major(p.amount, p.currency), valueDate: dayText(p.valueDate) } : undefined };
  };
  const outcome = (o: { state: string }) => ({ outcome: { ...o, state: "OUTCOME_STATE_" + o.state.toUpperCase() } });

  return {
    check: unary(true, async (s) => {
      await c.check(s);
      const can = [c.document && "DOCUMENTS", c.push && c.find && "WRITES", c.webhook && "WEBHOOKS", c.subscribe && c.unsubscribe && "SUBSCRIPTIONS"];
      return { capabilities: can.filter(Boolean).map((n) => "CAPABILITY_" + n) };
    }),
    administrations: unary(true, async (s) => ({ administrations: await c.administrations(s) })),
    pull: (call: grpc.ServerDuplexStream<any, any>) => {
      const sink = new Sink(call);
      call.on("data", (m: any) => {
        if (m.wanted) return sink.wanted(m.wanted);
        const r = m.start;
        c.pull(session(r.session), { administration: r.administration, cursor: Buffer.from(r.cursor).toString(), invoices: r.invoices }, sink)
          // What was sent before an error counts: it goes out first.
          .then(() => sink.flush(), async (e) => { await sink.flush(); throw e; })
          .then(() => call.end(), (e) => call.emit("error", failure(e)));
      });
    },
    document: (call: grpc.ServerWritableStream<any, any>) => {
      if (!c.document) return call.emit("error", cannot);
      const q = call.request;
      c.document(session(q.session), { administration: q.administration, invoice: q.invoice, format: q.format === "DOCUMENT_FORMAT_UBL" ? "ubl" : "pdf" }).then((d) => {
        const size = 128 << 10;
        call.write({ name: d.name, contentType: d.contentType, content: d.content.subarray(0, size) });
        for (let at = size; at < d.content.length; at += size) call.write({ content: d.content.subarray(at, at + size) });
        call.end();
      }).catch((e) => call.emit("error", failure(e)));
    },
    push: unary(c.push, async (s, m) => outcome(await c.push!(s, write(m.write)))),
    find: unary(c.find, async (s, m) => outcome(await c.find!(s, write(m.write)))),
    webhook: unary(c.webhook, async (s, m) => {
      const header = new Map<string, string>(m.header.map((f: any) => [f.name.toLowerCase(), Buffer.from(f.value).toString()]));
      const hints = await c.webhook!(s, { header, body: Buffer.from(m.body) });
      return { hints: hints.map((h) => ({ ...h, stream: streamName(h.stream) })) };
    }),
    subscribe: unary(c.subscribe, async (s, m) => {
      const made = await c.subscribe!(s, m);
      return { id: made.id, secret: Buffer.from(made.secret ?? "") };
    }),
    unsubscribe: unary(c.unsubscribe, async (s, m) => { await c.unsubscribe!(s, m); return {}; }),
  };
}
