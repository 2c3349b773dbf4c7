// Package supervisor runs connector programs as processes: started when first
// needed, watched, limited, stopped when idle, and put aside when they keep
// crashing. One slow or broken connector never blocks another.
//
// Each connector version goes through these states:
//
//	verified     known and in order, never started
//	starting     the process is being started
//	ready        calls may be made
//	draining     no new calls; the process ends after those under way
//	idle         stopped because nobody called for a while
//	backoff      crashed; the next start waits
//	quarantined  crashed too often; an operator must look
package supervisor
