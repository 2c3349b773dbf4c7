// What a connector hands over, with amounts and days as packages write them:
// "121.00" and "2026-03-02". The wire has whole cents and 20260302.

export interface Administration { id: string; name: string; country?: string; currency?: string; timeZone?: string; language?: string; readOnly?: boolean }

export interface Party {
  id: string; revision?: string; name: string; kind: "business" | "consumer" | "unknown";
  attention?: string; email?: string; phone?: string; language?: string; iban?: string; vatNumber?: string; registration?: string; url?: string;
  address?: { line1?: string; line2?: string; postalCode?: string; city?: string; country?: string };
}

export interface Invoice {
  id: string; revision?: string; partyId: string; number: string; kind: "invoice" | "credit_note";
  status: "draft" | "open" | "paid" | "void" | "uncollectible"; issued?: string; due?: string;
  /** A credit note's amounts are positive: its kind carries the sign. */
  currency: string; total: string; open: string;
  reference?: string; paymentReference?: string; credits?: string; document?: boolean; url?: string;
}

export interface Payment {
  id: string; revision?: string; partyId?: string; invoiceId?: string; currency: string; amount: string; valueDate?: string; reference?: string;
  /** Set when a credit note settles the invoice and no money moved. */
  creditNote?: string;
}

export type Stream = "parties" | "invoices" | "payments";

/** decimals is the number of decimals of a currency (ISO 4217). */
function decimals(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) throw new Error(`"${currency}" is not a currency`);
  if (["JPY", "KRW", "ISK", "CLP", "VND", "XAF", "XOF", "XPF", "UGX", "PYG", "RWF"].includes(currency)) return 0;
  return ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].includes(currency) ? 3 : 2;
}

/** minor turns "121.00" into "12100", exactly; it throws for what is no amount. */
export function minor(amount: string, currency: string): string {
  const places = decimals(currency);
  const m = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(amount);
  const part = m?.[3] ?? "";
  if (!m || /[1-9]/.test(part.slice(places))) throw new Error(`"${amount}" is not an amount in ${currency}`);
  return String(BigInt(m[1]! + m[2]! + part.slice(0, places).padEnd(places, "0")));
}

/** major is the inverse of minor. */
export function major(cents: string, currency: string): string {
  const places = decimals(currency);
  const digits = cents.replace("-", "").padStart(places + 1, "0");
  return (cents.startsWith("-") ? "-" : "") + digits.slice(0, digits.length - places) + (places ? "." + digits.slice(-places) : "");
}

/** negated is the amount with the other sign. */
export const negated = (amount: string): string => (amount.startsWith("-") ? amount.slice(1) : /[1-9]/.test(amount) ? "-" + amount : amount);

/** day turns "2026-03-02" into 20260302. */
export function day(text?: string): number {
  if (!text) return 0;
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new Error(`"${text}" is not a day`);
  return Number(text.replaceAll("-", ""));
}

/** dayText is the inverse of day. */
export const dayText = (n: number): string => String(n).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");

const name = (prefix: string, value: string): string => `${prefix}_${value.toUpperCase()}`;
export const streamName = (s: Stream): string => name("STREAM", s);

// Records as the wire has them.
export const wireParty = (p: Party): object => ({ ...p, kind: p.kind === "unknown" ? "PARTY_KIND_UNSPECIFIED" : name("PARTY_KIND", p.kind) });
export const wireInvoice = (v: Invoice): object => ({
  ...v, kind: name("INVOICE_KIND", v.kind), status: name("INVOICE_STATUS", v.status),
  issued: day(v.issued), due: day(v.due), total: minor(v.total, v.currency), open: minor(v.open, v.currency),
});
export const wirePayment = (p: Payment): object => ({ ...p, valueDate: day(p.valueDate), amount: minor(p.amount, p.currency) });
