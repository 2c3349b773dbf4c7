// Package odata reads the query options of OData 2 to 4 that emulators serve:
// $filter, $orderby and $select.
//
// Literals of both dialects are understood: guid'…', datetime'2026-03-01T00:00:00',
// 12L and 1.5M beside bare GUIDs, dates and numbers. Fields hold nil, bool,
// string, int, int64, json.Number or time.Time.
package odata
