// Package twinfield holds the connector for Twinfield: connector.yaml is all of it.
package twinfield
