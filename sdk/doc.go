// Package sdk is what a partner imports to write a connector: a program that
// reads parties, invoices and payments from one accounting or CRM package, and
// writes payments back.
//
// A connector embeds [Base], implements [Connector] and, where its package allows
// more, the optional interfaces [DocumentReader], [Writer], [WebhookReader] and
// [Subscriber]. Its main function is one line:
//
//	func main() { serve.Run(acme.New()) } // package sdk/serve
//
// What it is, how users sign in, which hosts it may call, how often, and what its
// users fill in stands in connector.yaml beside it (package sdk/manifest); that file
// alone is a connector when it has a recipe (package sdk/recipe).
// [Session.Decode] reads the answers to its form.
//
// The way from an empty folder to an installed connector is in sdk/README.md, and
// "voldaan connector new" begins with one that works. sdk/examples has the same
// connector in Go, as a manifest and in TypeScript.
//
// Package sdk/sdktest runs a connector in-process against a test server.
//
// A connector never sees a password or a token and has no network of its own.
// [Session.HTTP] is an ordinary http.Client whose requests the host carries
// out: it checks the address against the hosts in connector.yaml, adds the
// credentials, keeps the rate limit and retries what may be retried.
package sdk
