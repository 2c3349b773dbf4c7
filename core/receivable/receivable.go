// Package receivable holds the words of debtor management that the rest of the
// core shares: phases, holds and what an invoice still asks.
package receivable
