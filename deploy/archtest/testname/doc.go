// Package testname reads the names of tests and subtests out of source, without
// running them.
//
// A name counts when the code gives it to the testing package: the name of a
// Test or Fuzz function, or what is passed to Run, directly, from a table that
// the test ranges over, or through a helper of the same package. Comments,
// messages of failures and other text do not count. Parts of a name that only
// running would tell are written as Unknown.
package testname
