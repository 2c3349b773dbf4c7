// Package interpret carries out recipes: it is a connector whose behaviour is
// the recipe block of a connector.yaml.
package interpret
