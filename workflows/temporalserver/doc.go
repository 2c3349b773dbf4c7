// Package temporalserver finds, builds and runs the Temporal server of one machine, voldaan-temporal.
//
// Its sources are the nested module deploy/temporal. Building takes some minutes and happens once
// per version of those sources; the program is kept outside the tree, in
// ${VOLDAAN_CACHE:-the user's cache directory}/voldaan/temporal-<hash of the sources>.
package temporalserver
