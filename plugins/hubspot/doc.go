// Package hubspot connects HubSpot: connector.yaml says how, and the tests hold it
// to that.
package hubspot
