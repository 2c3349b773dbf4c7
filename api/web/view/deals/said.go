package deals

import "slices"

func unread(list []Said) bool {
	return slices.ContainsFunc(list, func(s Said) bool { return s.Unread })
}
