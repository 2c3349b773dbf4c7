// Package emulator is a Mollie that runs on this machine: stateful, written
// from Mollie's published API contract, with a hosted checkout page, for tests,
// development and demonstrations. No money moves.
//
// What it does as Mollie does:
//   - A payment is open until the debtor finishes the checkout; its webhook is a
//     form with its id and nothing else, repeated until it is answered.
//   - No webhook tells of pending; paid, authorized, failed, canceled, expired,
//     refunds and charge-backs have one.
//   - A bank transfer stays open, with bank details, until the money arrives.
//   - Refunds and charge-backs leave the status at paid.
//   - An idempotency key repeats the first answer for an hour.
//
// What the contract leaves open, and what was chosen:
//   - A key that was used for another request is refused with 422.
//   - A checkout with a person in front of it (iDEAL 15 minutes, card 30, PayPal
//     3 hours) expires by the wall clock, so that a fast clock leaves time to
//     click; a bank transfer expires by the clock of the books, 12 days after it
//     was made or after its due date.
//   - A refund is pending for a day, then refunded.
//   - Every well-formed API key is a website profile of its own, unless Keys
//     names the ones that exist.
//
// Besides the kit's own, the control API offers, where a payment goes by its id
// or by its description (the latest one):
//
//	GET    /_control/payments                    all of them, newest first
//	POST   /_control/payments/{p}/pay            PayerSeed; {} is an invented payer
//	POST   /_control/payments/{p}/fail           {"reason":"insufficient_funds"}
//	POST   /_control/payments/{p}/cancel         as the debtor
//	POST   /_control/payments/{p}/expire
//	POST   /_control/payments/{p}/pend           the outcome is not known yet
//	POST   /_control/payments/{p}/authorize      reserved, not captured
//	POST   /_control/payments/{p}/chargeback     ChargebackSeed; answers {"id"}
//	POST   /_control/payments/{p}/webhook        sends the webhook again
//	POST   /_control/chargebacks/{id}/reverse
//	POST   /_control/refunds/{id}                {"status":"refunded"}
//	POST   /_control/webhooks/forge              {"url":"…","id":"tr_…"}: a call that Mollie never made
package emulator
