// Package exactonline connects Exact Online: connector.yaml says how, and the
// tests hold it to that.
package exactonline
