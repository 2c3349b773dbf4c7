// Package creditsafe connects Creditsafe: connector.yaml says how, and the tests hold
// it to that.
package creditsafe
