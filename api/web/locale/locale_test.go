package locale_test

import (
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/web/locale"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount  money.Amount
		en, nl  string
		rounded string
	}{
		{money.EUR(121000), "€1,210.00", "€\u00a01.210,00", "€1,210"},
		{money.EUR(-6050), "−€60.50", "−€\u00a060,50", "−€61"},
		{money.EUR(0), "€0.00", "€\u00a00,00", "€0"},
		{money.EUR(123456789012), "€1,234,567,890.12", "€\u00a01.234.567.890,12", "€1,234,567,890"},
		{money.Of(1500, "JPY"), "JPY\u00a01,500", "JPY\u00a01.500", "JPY\u00a01,500"},
		{money.Of(-99, "GBP"), "−£0.99", "−£\u00a00,99", "−£1"},
	} {
		if got := locale.English.Amount(c.amount); got != c.en {
			t.Errorf("en %v: %q, want %q", c.amount, got, c.en)
		}
		if got := locale.Dutch.Amount(c.amount); got != c.nl {
			t.Errorf("nl %v: %q, want %q", c.amount, got, c.nl)
		}
		if got := locale.English.Round(c.amount); got != c.rounded {
			t.Errorf("round %v: %q, want %q", c.amount, got, c.rounded)
		}
	}
}

func TestGermanAndFrench(t *testing.T) {
	t.Parallel()
	today := date.MustParse("2026-11-21")
	for _, c := range []struct{ got, want string }{
		{locale.German.Amount(money.EUR(121000)), "1.210,00\u00a0€"}, {locale.French.Amount(money.EUR(121000)), "1\u00a0210,00\u00a0€"},
		{locale.German.Amount(money.EUR(-6050)), "−60,50\u00a0€"}, {locale.French.Amount(money.Of(1500, "JPY")), "1\u00a0500\u00a0JPY"},
		{locale.German.Amount(money.Of(99, "CHF")), "0,99\u00a0CHF"}, {locale.German.Round(money.EUR(121050)), "1.211\u00a0€"},
		{locale.German.Date(date.MustParse("2026-03-01")), "1. März 2026"}, {locale.French.Date(date.MustParse("2026-03-01")), "1er mars 2026"},
		{locale.German.Day(date.MustParse("2026-11-24"), today), "in 3 Tagen, Di. 24. Nov."}, {locale.French.Day(date.MustParse("2026-11-24"), today), "dans 3 jours, mar. 24 nov."},
		{locale.For("de-AT").Tag, "de"}, {locale.For("fr-BE").Tag, "fr"}, {locale.For("pl").Tag, "en"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	today := date.MustParse("2026-11-21")
	for day, want := range map[string][2]string{
		"2026-11-21": {"today", "vandaag"},
		"2026-11-22": {"tomorrow", "morgen"},
		"2026-11-20": {"yesterday", "gisteren"},
		"2026-11-24": {"in 3 days, Tue 24 Nov", "over 3 dagen, di 24 nov"},
		"2026-11-07": {"14 days ago, Sat 7 Nov", "14 dagen geleden, za 7 nov"},
		"2026-12-31": {"Thu 31 Dec", "do 31 dec"},
		"2027-01-04": {"Mon 4 Jan 2027", "ma 4 jan 2027"},
		"":           {"", ""},
	} {
		d := date.MustParse(day)
		if got := [2]string{locale.English.Day(d, today), locale.Dutch.Day(d, today)}; got != want {
			t.Errorf("%s: %q, want %q", day, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Skip("no time zone data on this machine")
	}
	now := time.Date(2026, 11, 21, 14, 2, 0, 0, ams)
	for _, c := range []struct {
		at          time.Time
		moment, ago string
	}{
		{now.Add(-30 * time.Second), "today 14:01", "just now"},
		{now.Add(-12 * time.Minute), "today 13:50", "12 min ago"},
		{now.Add(-3 * time.Hour), "today 11:02", "3 h ago"},
		{time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC), "tomorrow 00:30", "tomorrow 00:30"},
		{now.AddDate(0, 0, 3), "Tue 24 Nov 14:02", "Tue 24 Nov 14:02"},
	} {
		if got := locale.English.Moment(c.at, now); got != c.moment {
			t.Errorf("moment %v: %q, want %q", c.at, got, c.moment)
		}
		if got := locale.English.Ago(c.at, now); got != c.ago {
			t.Errorf("ago %v: %q, want %q", c.at, got, c.ago)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	if got := locale.English.Percent(3, 1284); got != "0.2%" {
		t.Error(got)
	}
	if got := locale.Dutch.Percent(1, 3); got != "33,3%" {
		t.Error(got)
	}
	if got := locale.English.Percent(0, 0); got != "–" {
		t.Error(got)
	}
}
