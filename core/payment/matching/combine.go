package matching

import "slices"

// searchBudget bounds the search for a combination; a debtor with so many
// items that it runs out gets a suggestion at most.
const searchBudget = 200_000

// combination is the result of a search for items that add up to an amount.
type combination struct {
	items    []Invoice
	unique   bool // no other combination adds up
	complete bool // the whole search was done
}

// combine searches for two or more items that add up exactly to a number of
// minor units. Credit notes may take part.
func combine(amount int64, items []Invoice) combination {
	list := slices.Clone(items)
	slices.SortStableFunc(list, func(a, b Invoice) int { return int(min(max(b.Open.Minor-a.Open.Minor, -1), 1)) })
	// above[i] and below[i] bound what the items from i on can still add.
	above, below := make([]int64, len(list)+1), make([]int64, len(list)+1)
	for i := len(list) - 1; i >= 0; i-- {
		above[i] = above[i+1] + max(list[i].Open.Minor, 0)
		below[i] = below[i+1] + min(list[i].Open.Minor, 0)
	}
	var found [][]int
	budget := searchBudget
	var chosen []int
	var search func(i int, need int64)
	search = func(i int, need int64) {
		if budget--; budget < 0 || len(found) > 1 {
			return
		}
		if i == len(list) {
			if need == 0 && len(chosen) > 1 {
				found = append(found, slices.Clone(chosen))
			}
			return
		}
		if need > above[i] || need < below[i] {
			return
		}
		chosen = append(chosen, i)
		search(i+1, need-list[i].Open.Minor)
		chosen = chosen[:len(chosen)-1]
		search(i+1, need)
	}
	search(0, amount)
	out := combination{complete: budget >= 0}
	if len(found) > 0 {
		out.unique = len(found) == 1 && out.complete
		for _, i := range found[0] {
			out.items = append(out.items, list[i])
		}
	}
	return out
}
