// Package broker is the only way out of a connector: it carries out HTTP
// requests for connectors that have neither credentials nor a network.
//
// For every request it checks the host against the connector's manifest, dials
// public addresses only, adds the credentials, spends the rate budget, repeats
// what may be repeated and hands back an answer without what is not the
// connector's business.
package broker
