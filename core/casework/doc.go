// Package casework does what follows a collection case after it was opened: it
// tells the debtor what changed, decides what becomes of costs that remain,
// confirms changes of the books, hands over to a bailiff and keeps both informed,
// and watches a claim that could not be collected.
package casework
