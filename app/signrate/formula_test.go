package signrate_test

import (
	"testing"

	"kyso/app/signrate"
)

func TestJudge(t *testing.T) {
	cases := map[string]struct {
		required, fulfilled, minVolume int
		want                           signrate.Band
	}{
		"nothing due has no band":               {0, 0, 10, signrate.None},
		"few documents are not judged":          {9, 9, 10, signrate.LowVolume},
		"few documents unsigned are not warned": {4, 0, 5, signrate.LowVolume},
		"the least volume is judged":            {10, 10, 10, signrate.Praised},
		"99 of 100 is not praised":              {100, 99, 10, signrate.Normal},
		"100 of 100 is praised":                 {100, 100, 10, signrate.Praised},
		"99,50 per cent is praised":             {200, 199, 10, signrate.Praised},
		"exactly 99 per cent of 200 is not":     {200, 198, 10, signrate.Normal},
		"98,996 per cent is not praised":        {10000, 9899, 10, signrate.Normal},
		"18 per cent is warned":                 {50, 9, 10, signrate.Warned},
		"exactly 20 per cent is not warned":     {50, 10, 10, signrate.Normal},
		"nothing signed is warned":              {50, 0, 10, signrate.Warned},
		"the ward of the demonstration":         {170, 160, 10, signrate.Normal},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := signrate.Judge(c.required, c.fulfilled, c.minVolume); got != c.want {
				t.Errorf("Judge(%d, %d, %d) = %s, want %s", c.required, c.fulfilled, c.minVolume, got, c.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	cases := map[string]struct {
		required, fulfilled int
		want                string
	}{
		"two decimals and a comma":        {170, 160, "94,12 %"},
		"a zero denominator has no rate":  {0, 0, "—"},
		"all":                             {12, 12, "100,00 %"},
		"none":                            {12, 0, "0,00 %"},
		"rounded down, not to the praise": {10000, 9899, "98,99 %"},
		"98.996 shows 98,99":              {25000, 24749, "98,99 %"},
		"19.998 is not shown as 20":       {50000, 9999, "19,99 %"},
		"one missing is not shown as all": {100000, 99999, "99,99 %"},
		"two thirds":                      {3, 2, "66,67 %"},
		"a leading zero of the decimals":  {99, 5, "5,05 %"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := signrate.Figure{Required: c.required, Fulfilled: c.fulfilled}
			if got := f.Text(); got != c.want {
				t.Errorf("%d of %d = %q, want %q", c.fulfilled, c.required, got, c.want)
			}
		})
	}
}

func TestWhatIsLeftToDo(t *testing.T) {
	cases := map[string]struct {
		required, fulfilled   int
		toPraise, toLeaveWarn int
	}{
		"9 of 50 leaves the warning with one more":       {50, 9, 41, 1},
		"160 of 170 is praised with nine more":           {170, 160, 9, 0},
		"99 of 100 needs every document":                 {100, 99, 1, 0},
		"praised has nothing to do":                      {200, 199, 0, 0},
		"nothing due has nothing to do":                  {0, 0, 0, 0},
		"an odd number rounds the warning's bound up":    {51, 0, 51, 11},
		"already over the bound has no warning to leave": {50, 10, 40, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := signrate.Figure{Required: c.required, Fulfilled: c.fulfilled}
			if got := signrate.ToPraise(f); got != c.toPraise {
				t.Errorf("ToPraise(%d of %d) = %d, want %d", c.fulfilled, c.required, got, c.toPraise)
			}
			if got := signrate.ToLeaveWarning(f); got != c.toLeaveWarn {
				t.Errorf("ToLeaveWarning(%d of %d) = %d, want %d", c.fulfilled, c.required, got, c.toLeaveWarn)
			}
		})
	}
}

// The texts promise that so many documents more change the band: they must.
func TestWhatIsLeftToDoChangesTheBand(t *testing.T) {
	const judgeAll = 1
	for n := 1; n <= 300; n++ {
		for a := 0; a <= n; a++ {
			f := signrate.Figure{Required: n, Fulfilled: a}
			if k := signrate.ToPraise(f); signrate.Judge(n, a+k, judgeAll) != signrate.Praised ||
				(k > 0 && signrate.Judge(n, a+k-1, judgeAll) == signrate.Praised) {
				t.Fatalf("ToPraise(%d of %d) = %d is not the least number", a, n, k)
			}
			if k := signrate.ToLeaveWarning(f); signrate.Judge(n, a+k, judgeAll) == signrate.Warned ||
				(k > 0 && signrate.Judge(n, a+k-1, judgeAll) != signrate.Warned) {
				t.Fatalf("ToLeaveWarning(%d of %d) = %d is not the least number", a, n, k)
			}
		}
	}
}

func TestAddIsTheRatioOfTheSums(t *testing.T) {
	small := signrate.Figure{Required: 10, Fulfilled: 10}
	large := signrate.Figure{Required: 190, Fulfilled: 19, Pending: 2, Excluded: 1}
	want := signrate.Figure{Required: 200, Fulfilled: 29, Pending: 2, Excluded: 1, Band: signrate.Warned}
	if got := small.Add(large, signrate.MinVolume); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
