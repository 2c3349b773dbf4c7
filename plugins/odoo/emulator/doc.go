// Package emulator is an Odoo database that runs on this machine: the models of
// invoicing over JSON-RPC and JSON-2, stateful, written from what is published.
//
// Where the facts come from:
//   - JSON-2 (paths, headers, errors, keys): odoo/documentation,
//     content/developer/reference/external_api.rst.
//   - JSON-RPC (services, execute_kw, domains, errors with status 200): the page
//     of the same name for earlier versions, and the errors quoted in issues of
//     saidimu/odoo and ERP-Ukraine/odoo-rpc-dart.
//   - Models and fields: the documentation's ORM page and the field names of the
//     account module, versions 14 to 19.
//
// What it does as Odoo does:
//   - authenticate answers false for wrong credentials; execute_kw refuses them
//     with AccessDenied, status 200 and an error object.
//   - Empty values are false; a many2one is [id, name]; dates are text, moments
//     are UTC without a zone and cut to seconds, while domains compare whole
//     moments: a cursor with ">" sees its last record again.
//   - Domains in prefix notation, with dotted paths over many2one fields.
//   - Names that begin with an underscore cannot be called.
//   - A payment that was registered makes an invoice "in_payment" until the bank
//     confirms it; one of the story is confirmed.
//   - The companies of a database share its records; allowed_company_ids and
//     company_id tell them apart.
//   - Only drafts can be deleted; a posted invoice is cancelled.
//   - JSON-2 exists from version 19.
//
// What is unsure, and what was chosen:
//   - 422 for UserError, ValidationError and wrong arguments, 404 for
//     MissingError, 500 for a field that is not there.
//   - A move has one receivable line, whatever the payment terms.
//   - Webhooks of automation rules: {"_action","_id","_model", fields}, one try.
//   - action_create_payments answers the action that opens the payment.
//   - A call that fails on its second record has changed the first; XML-RPC is
//     not emulated.
//   - account.journal and account.account hold what payments need, no more.
//
// The database is that of Config.Database; its user is "bot". The control API is
// that of the package ledger, and
//
//	POST /_control/tokens    {"key","read_only"}: an API key of the user; answers {"key"}
//	POST /_control/webhooks  {"url","model","fields"}: an automation rule
package emulator
