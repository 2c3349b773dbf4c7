// Package bird connects Bird: connector.yaml says how, and the tests hold it to
// that.
package bird
