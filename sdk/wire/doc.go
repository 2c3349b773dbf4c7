// Package wire translates between the author API of package sdk and the
// protobuf messages of voldaan.connector.v1, in both directions.
//
// Both sides use it: package sdk/serve in the connector's process, the connector
// host in ours. Nothing else should need it.
package wire

//go:generate buf generate
