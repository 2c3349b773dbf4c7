// Package marketplace is what a tenant can connect, what it has connected and how
// that does; and for publishers, how their connectors do.
//
// Packages come from the catalogue of this process, what is known of their
// publishers and versions from the register. A connector that is not in the
// register came with the installation: its operator vouches for it, and its
// version is that of the installation.
package marketplace
