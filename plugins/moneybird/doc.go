// Package moneybird holds the connector for Moneybird: connector.yaml is all of
// it, and the tests here carry it out against an emulated Moneybird.
package moneybird
