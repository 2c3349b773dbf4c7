// Package acmebooks plays Acme Books, an accounting package that does not exist:
// small enough to read in five minutes, and with what real ones have. The three
// examples of a connector beside this folder, and the ones that "voldaan connector
// new" begins, speak to it.
//
// Every request carries the header X-Api-Key. Lists answer
//
//	{"data": [...], "next": "..."}
//
// where next is the cursor of the next page, null on the last. Every record has a
// version that grows with each change in the company; ?since=41 lists what has a
// higher one, oldest first. Amounts are decimal texts with tax. An error is
// {"error": {"message": "..."}}.
//
//	GET    /v1/companies
//	GET    /v1/companies/{company}/customers    ?since ?cursor ?limit
//	GET    /v1/companies/{company}/invoices     ?since ?cursor ?limit; credit notes too
//	GET    /v1/companies/{company}/invoices/{id}
//	GET    /v1/companies/{company}/invoices/{id}/pdf
//	POST   /v1/companies/{company}/invoices/{id}/payments  {"amount","paid_on","reference"}
//	GET    /v1/companies/{company}/deletions    ?since ?cursor ?limit
//	GET    /v1/companies/{company}/webhooks
//	POST   /v1/companies/{company}/webhooks     {"url"}; answers {"id","secret"}
//	DELETE /v1/companies/{company}/webhooks/{id}
//
// A webhook call is {"id","company","type","record"}, signed by the header
// X-Acme-Signature: the HMAC-SHA256 of its body in hex.
package acmebooks
