// Package sdk is what a partner imports to write a connector: a program that
// reads parties, invoices and payments from one accounting or CRM package, and
// writes payments back.
//
// A connector implements [Connector] and, where its package allows more, the
// optional interfaces [DocumentReader], [Writer] and [WebhookReader]. Its main
// function is one line:
//
//	func main() { serve.Run(acme.New()) } // package sdk/serve
//
// Package sdk/sdktest runs a connector in-process against a test server.
//
// A connector never sees a password or a token and has no network of its own.
// [Session.HTTP] is an ordinary http.Client whose requests the host carries
// out: it checks the address against the hosts in connector.yaml, adds the
// credentials, keeps the rate limit and retries what may be retried.
package sdk
