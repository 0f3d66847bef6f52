package signrate_test

import (
	"slices"
	"testing"

	"kyso/app/signrate"
)

func TestAPolicyJudgesByItsOwnBounds(t *testing.T) {
	strict := signrate.Policy{Version: 3, Target: 9500, PraiseAbove: 9550, WarnBelow: 5000, MinVolume: 5}
	cases := map[string]struct {
		policy              signrate.Policy
		required, fulfilled int
		want                signrate.Band
		reached             bool
	}{
		"exactly the bound of the praise is not praised": {strict, 200, 191, signrate.Normal, true},
		"one more is praised":                            {strict, 200, 192, signrate.Praised, true},
		"exactly the target is reached":                  {strict, 100, 95, signrate.Normal, true},
		"one less is not":                                {strict, 100, 94, signrate.Normal, false},
		"half is not warned":                             {strict, 10, 5, signrate.Normal, false},
		"less than half is":                              {strict, 10, 4, signrate.Warned, false},
		"few are not judged":                             {strict, 4, 0, signrate.LowVolume, false},
		"nothing due reaches nothing":                    {strict, 0, 0, signrate.None, false},
		"the letter's own bounds":                        {signrate.Letter(), 200, 199, signrate.Praised, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.policy.Judge(signrate.Figure{Required: c.required, Fulfilled: c.fulfilled})
			if got.Band != c.want || got.Policy != c.policy.Version || c.policy.Reached(got) != c.reached {
				t.Errorf("got %+v, reached %v", got, c.policy.Reached(got))
			}
		})
	}
}

// What the policy promises must come true, and must be the least.
func TestWhatAPolicyStillAsksForIsTheLeast(t *testing.T) {
	p := signrate.Policy{Target: 9333, PraiseAbove: 9777, WarnBelow: 2012}
	for n := 1; n <= 200; n++ {
		for a := 0; a <= n; a++ {
			with := func(k int) signrate.Figure { return p.Judge(signrate.Figure{Required: n, Fulfilled: a + k}) }
			f := with(0)
			if k := p.ToPraise(f); with(k).Band != signrate.Praised || k > 0 && with(k-1).Band == signrate.Praised {
				t.Fatalf("ToPraise(%d of %d) = %d", a, n, k)
			}
			if k := p.ToLeaveWarning(f); with(k).Band == signrate.Warned || k > 0 && with(k-1).Band != signrate.Warned {
				t.Fatalf("ToLeaveWarning(%d of %d) = %d", a, n, k)
			}
			if k := p.ToTarget(f); !p.Reached(with(k)) || k > 0 && p.Reached(with(k-1)) {
				t.Fatalf("ToTarget(%d of %d) = %d", a, n, k)
			}
		}
	}
}

func TestTheLettersPolicyIsTheFormulas(t *testing.T) {
	p := signrate.Letter()
	for n := range 250 {
		for a := range n + 1 {
			f := signrate.Figure{Required: n, Fulfilled: a}
			if got, want := p.Judge(f).Band, signrate.Judge(n, a, signrate.MinVolume); got != want {
				t.Fatalf("%d of %d: %s and %s", a, n, got, want)
			}
			if p.ToPraise(f) != signrate.ToPraise(f) || p.ToLeaveWarning(f) != signrate.ToLeaveWarning(f) {
				t.Fatalf("%d of %d asks for other numbers", a, n)
			}
		}
	}
}

func TestRanks(t *testing.T) {
	p := signrate.Letter()
	of := func(n, a int) signrate.Figure { return p.Judge(signrate.Figure{Required: n, Fulfilled: a}) }
	cases := map[string]struct {
		all  []signrate.Figure
		want []int
	}{
		"the rate decides":                     {[]signrate.Figure{of(100, 50), of(100, 90), of(100, 70)}, []int{3, 1, 2}},
		"on equal rates the larger N":          {[]signrate.Figure{of(10, 5), of(100, 50)}, []int{2, 1}},
		"equal in both share a place, no gap":  {[]signrate.Figure{of(20, 10), of(20, 10), of(20, 5)}, []int{1, 1, 2}},
		"few documents and none have no place": {[]signrate.Figure{of(9, 9), of(0, 0), of(10, 1)}, []int{0, 0, 1}},
		"thirds are compared as they are":      {[]signrate.Figure{of(30, 10), of(33, 11), of(300, 99)}, []int{2, 1, 3}},
		"nobody":                               {nil, []int{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := signrate.Ranks(c.all); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestDragsAreWhatTheWholeMisses(t *testing.T) {
	parts := []signrate.Figure{{Required: 50, Fulfilled: 9}, {Required: 100, Fulfilled: 99}, {Required: 50, Fulfilled: 50}}
	var whole signrate.Figure
	for _, f := range parts {
		whole = whole.Add(f, signrate.MinVolume)
	}
	sum := 0
	for _, f := range parts {
		sum += signrate.Drag(f, whole)
	}
	if sum != 2100 { // 42 of 200
		t.Errorf("got %d", sum)
	}
	if got := signrate.Drag(parts[0], signrate.Figure{}); got != 0 {
		t.Errorf("nothing is dragged by %d", got)
	}
}
