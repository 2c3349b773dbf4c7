// Package tryton holds the connector for Tryton: connector.yaml is all of it.
package tryton
