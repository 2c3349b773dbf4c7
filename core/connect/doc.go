// Package connect is the connector host: it carries calls of the core to
// connector programs, which run as processes of their own without credentials
// and without a network, and answers in the types of package sdk.
//
// Every error of a Host is a *fault.Error that says whose turn it is, and wraps
// the fault of package sdk that lies beneath, if any: sdk.ErrAuth, sdk.ErrGone,
// sdk.ErrResync, sdk.ErrInvalid or *sdk.RetryAfter.
package connect
