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
//   - A first payment of a customer makes a mandate, which is valid once it is
//     paid; a direct debit by it is pending for days, then paid or failed with
//     the bank's reason code, and may be charged back for weeks after that.
//   - An idempotency key repeats the first answer for an hour.
//
// What the contract leaves open, and what was chosen:
//   - A key that was used for another request is refused with 422.
//   - A checkout with a person in front of it (iDEAL 15 minutes, card 30, PayPal
//     3 hours) expires by the wall clock, so that a fast clock leaves time to
//     click; a bank transfer expires by the clock of the books, 12 days after it
//     was made or after its due date.
//   - A refund is pending for a day, then refunded.
//   - The mandate of a first payment that failed stays listed as invalid.
//   - A direct debit is on the debtor's account on the next day of the TARGET
//     calendar and paid the banking day after; it can be cancelled until then.
//   - A bank gives back what was authorised (MD06) for eight weeks, anything else
//     for thirteen months. AC01, AC04, AC06, AG01, MD01 and MD07 end the mandate;
//     no webhook tells of that.
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
//	POST   /_control/debits/refuse               RefusalSeed: how direct debits to come end
//	POST   /_control/mandates/{id}/confirm       the IBAN of a pending one arrives
//	POST   /_control/mandates/{id}/end           the bank withdraws it
//	POST   /_control/refunds/{id}                {"status":"refunded"}
//	POST   /_control/webhooks/forge              {"url":"…","id":"tr_…"}: a call that Mollie never made
package emulator
