// Package odoo holds the connector for Odoo: connector.yaml is all of it.
package odoo
