package calendar

import (
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/nl"
)

// registry holds every calendar once, so that all callers share the cache.
var registry = sync.OnceValue(func() map[string]*Calendar {
	m := map[string]*Calendar{}
	add := func(code string, rules []*cal.Holiday) { m[code] = newCalendar(code, rules, nil) }

	// Algemene termijnenwet art. 3: 5 May counts every year.
	add("NL", nl.Holidays)
	add("BE", be.Holidays)
	add("FR", fr.Holidays)
	for _, department := range []string{"FR-57", "FR-67", "FR-68"} {
		// Alsace-Moselle keeps two days that the rest of France does not.
		add(department, append(slices.Clone(fr.Holidays), aa.GoodFriday, aa.ChristmasDay2))
	}
	add("TARGET", ecb.Holidays)

	add("DE", de.Holidays)
	for land, rules := range map[string][]*cal.Holiday{
		"BW": de.HolidaysBW, "BY": de.HolidaysBY, "BE": de.HolidaysBE, "BB": de.HolidaysBB,
		"HB": de.HolidaysHB, "HH": de.HolidaysHH, "HE": de.HolidaysHE, "MV": withWomensDayMV(de.HolidaysMV),
		"NI": de.HolidaysNI, "NW": de.HolidaysNW, "RP": de.HolidaysRP, "SL": de.HolidaysSL,
		"SN": de.HolidaysSN, "ST": de.HolidaysST, "SH": de.HolidaysSH, "TH": de.HolidaysTH,
	} {
		add("DE-"+land, rules)
	}

	england := append(slices.Clone(gb.Holidays), stateFuneral)
	add("GB", england)
	add("GB-ENG", england)
	add("GB-WLS", england)
	add("GB-SCT", scotland())
	add("GB-NIR", append(slices.Clone(england), substituted("St Patrick's Day", time.March, 17), substituted("Battle of the Boyne", time.July, 12)))
	return m
})

// withWomensDayMV adds 8 March, a holiday in Mecklenburg-Vorpommern since 2023.
func withWomensDayMV(rules []*cal.Holiday) []*cal.Holiday {
	return append(slices.Clone(rules), de.Frauentag.Clone(&cal.Holiday{StartYear: 2023}))
}

// stateFuneral is the bank holiday of Monday 19 September 2022.
var stateFuneral = &cal.Holiday{
	Name: "State Funeral of Queen Elizabeth II", Type: cal.ObservanceBank,
	Month: time.September, Day: 19, Func: cal.CalcDayOfMonth, StartYear: 2022, EndYear: 2022,
}

// substituted is a bank holiday that moves from the weekend to Monday.
func substituted(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{
		Name: name, Type: cal.ObservanceBank, Month: month, Day: day, Func: cal.CalcDayOfMonth,
		Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}},
	}
}

func scotland() []*cal.Holiday {
	rules := []*cal.Holiday{gb.SummerHolidayScotland, stateFuneral, substituted("St Andrew's Day", time.November, 30), {
		// 1 January takes the Monday when both fall in the weekend.
		Name: "2nd January", Type: cal.ObservanceBank, Month: time.January, Day: 2, Func: cal.CalcDayOfMonth,
		Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}, {Day: time.Monday, Offset: 1}},
	}}
	for _, h := range gb.Holidays {
		if h != gb.EasterMonday && h != gb.SummerHoliday {
			rules = append(rules, h)
		}
	}
	return rules
}
