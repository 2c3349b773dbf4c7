// Package recipe is the language in which a connector is written without a
// program: the recipe block of connector.yaml. It loads, checks and documents
// recipes; package interpret carries them out.
package recipe
