// Package web serves the pages: the tenant's application, the marketplace and
// the debtor's portal.
//
// Views are packages under view/, one per feature. Each page is a function of a
// plain struct, as invoice.Show(invoice.Model); views read no database, decide
// nothing and know no request. What follows is the contract between them and
// the handlers.
//
// # Addresses
//
// Every change is a POST of a form and answers 303 to a page; a refused form
// answers 422 with the same page, its errors marked. GET never changes
// anything. Pages work without scripts; a request with the header HX-Request
// may be answered with the part that is named here.
//
//	GET  /sign-in?next=                      signin.Page
//	POST /sign-in                            email, password, next
//	POST /sign-out
//	POST /theme                              theme (light, dark or empty), back
//	POST /undo                               token
//	GET  /                                   dashboard.Page
//	GET  /search?q=                          component.Search; part: component.Results
//
//	GET  /invoices?tab=&q=&sort=&after=      invoice.List (the page selects #list itself)
//	POST /invoices/pause                     id (repeated), reason, until, back
//	POST /invoices/resume                    id (repeated), back
//	GET  /invoices/{id}                      invoice.Show
//	GET  /invoices/{id}/pdf
//	GET  /invoices/{id}/pause                invoice.Pause
//	POST /invoices/{id}/pause                reason, note, until
//	POST /invoices/{id}/resume               hold (one hold; empty ends all that a person may end)
//	GET  /invoices/{id}/step                 invoice.Step: what will be sent, and what the gate found
//	POST /invoices/{id}/step                 key of what was shown
//	POST /invoices/{id}/by-hand              step, on: a person did it elsewhere
//	POST /invoices/{id}/approve              figure, value (both repeated, as they were shown)
//	POST /invoices/{id}/reply                text
//	GET  /invoices/{id}/messages/{message}   invoice.Copy
//	GET  /invoices/{id}/messages/{message}/html   the HTML part, with assets.CopyPolicy
//
//	GET  /debtors?tab=&q=&segment=&risk=&after=   deals.Debtors (the page selects #list itself)
//	GET  /debtors.csv                        the same as a file
//	POST /debtors/{id}/profile               risk, segment (repeated), flow, language, form
//
//	GET  /inbox?tab=&after=                  inbox.Page
//	GET  /inbox/{thread}                     inbox.Page with Open
//	POST /inbox/{thread}/reply               text
//	POST /inbox/{thread}/done
//	POST /disputes/{id}                      decision (accept, reject), text
//
//	GET  /bank?tab=&after=                   bank.Page over all statements
//	GET  /bank/{statement}?tab=&after=       bank.Page over one
//	POST /bank/statements                    file (multipart)
//	POST /bank/lines/{line}/confirm          invoice (id, or a typed number)
//	POST /bank/lines/{line}/ignore
//
//	GET  /cases?tab=&after=                  cases.List
//	GET  /cases/{id}                         cases.Show
//	GET  /cases/{id}/dossier.zip
//	POST /cases/{id}/approve                 decision (approve, hold)
//
//	GET  /marketplace?q=&kind=&country=      market.Shelf (the page selects #shelf itself)
//	GET  /marketplace/{connector}            market.Detail
//	POST /marketplace/{connector}/connect    the connector's fields, or file; OAuth redirects
//	POST /marketplace/{connector}/want
//	GET  /connections/{id}                   market.Show
//	POST /connections/{id}/files             file (multipart); answers market.Show with what came of it
//	POST /connections/{id}/settings          the connector's fields
//	POST /connections/{id}/problems/dismiss  administration, problem
//	GET  /connections/{id}/administrations   market.Choose
//	POST /connections/{id}/administrations   administration (repeated), flow_b2b, flow_b2c
//	GET  /connections/{id}/sync              market.Sync
//	GET  /connections/{id}/sync/status       market.SyncStatus, polled while it runs
//	POST /connections/{id}/sync              starts one
//	GET  /connections/{id}/go-live?date=&entry=   market.GoLive (the page selects #preview itself)
//	POST /connections/{id}/go-live           date, entry
//
//	GET  /settings/sender?administration=    settings.Sender
//	POST /settings/sender/{administration}   name, line1, postal_code, city, email, phone, registration, vat, colour
//	POST /settings/sender/{administration}/account          iban, password
//	POST /settings/sender/{administration}/account/decide   decision (confirm, drop), iban
//	GET  /settings/people                    settings.People
//	POST /settings/people                    name, email, role, password
//	POST /settings/people/{member}           role, or end
//	GET  /settings/keys                      settings.Keys
//	POST /settings/keys                      name, scope; answers settings.Keys with the secret, once
//	POST /settings/keys/{key}/revoke
//	GET  /settings/arrangements?administration=  settings.Arrangements
//	POST /settings/arrangements/{administration}  its fields by name
//	GET  /settings/webhooks                  settings.Webhooks
//	POST /settings/webhooks                  name, url, all (yes, no), type (repeated); answers settings.Webhook with the secret, once
//	GET  /settings/webhooks/{id}?before=     settings.Webhook
//	POST /settings/webhooks/{id}             as above
//	POST /settings/webhooks/{id}/state       on (yes, no)
//	POST /settings/webhooks/{id}/rotate      answers settings.Webhook with the secret, once
//	POST /settings/webhooks/{id}/test
//	POST /settings/webhooks/{id}/replay      since (a moment), or event (its id)
//	POST /settings/webhooks/{id}/remove
//	GET  /settings/figures                   settings.Figures
//	POST /settings/figures                   figure, value
//	GET  /settings/rates?invoice=            settings.Rates
//	POST /settings/rates                     base, quote, units, on, source, invoice
//	POST /settings/rates/file                file (multipart)
//
// The debtor's portal:
//
//	GET  /p/{token}                          portal.Door, portal.Overview after the code, portal.Gone
//	POST /p/{token}/code                     sends a code
//	POST /p/{token}/verify                   code
//	POST /p/{token}/language                 lang
//	GET  /p/{token}/invoices/{invoice}/pdf
//	GET  /p/{token}/pay?invoice=             portal.Pay (invoice repeated; none means all)
//	POST /p/{token}/pay                      invoice (repeated), method
//	GET  /p/{token}/payments/{payment}       portal.Result
//	GET  /p/{token}/ask?invoice=&topic=      portal.Ask
//	POST /p/{token}/ask                      invoice, topic (question, paid), text
//	GET  /p/{token}/dispute?invoice=         portal.Dispute
//	POST /p/{token}/dispute                  invoice, reason, amount, text
//	GET  /genuine?reference=&lang=           portal.Genuine
//
// Errors are fail.Page with the status of its kind.
//
// # Rules of the pages
//
// Every page is sent with assets.PagePolicy: no inline script or style, no
// evaluation. POST /p/{token}/pay and POST …/connect redirect to another origin,
// which the policy of the page they stand on has to name. Forms carry no token
// against forged requests; http.CrossOriginProtection guards every POST.
package web

//go:generate templ generate
