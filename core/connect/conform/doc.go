// Package conform runs the conformance kit over connectors as the hub runs them:
// real processes behind the host and its broker, with a played package in place of
// the network.
package conform
