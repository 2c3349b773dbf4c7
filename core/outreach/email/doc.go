// Package email composes, signs and delivers e-mail over SMTP and knows, after
// every failure, whether a message may have been delivered (R9).
package email
