package signrate

import (
	"cmp"
	"slices"
)

// Whole is 100 % as rates are written in a Policy: in hundredths of a per cent.
const Whole = 10000

// Policy says how figures are judged: the bounds of the bands, the target and
// the volume below which there is no judgement. Rates are in hundredths of a
// per cent. Its Version is named in every figure, so that a judgement can be
// repeated after the policy has changed.
type Policy struct {
	Version     int `json:"version"` // 0 is the letter's own
	Target      int `json:"target"`
	PraiseAbove int `json:"praise_above"`
	WarnBelow   int `json:"warn_below"`
	MinVolume   int `json:"min_volume"`
}

// Letter is the policy of the letter that the program began with: all
// documents are to be signed, praised above 99 %, warned below 20 %.
func Letter() Policy {
	return Policy{Target: Whole, PraiseAbove: 100 * praiseAbove, WarnBelow: 100 * warnBelow, MinVolume: MinVolume}
}

// Valid reports bounds that can be judged by: 0 ≤ WarnBelow ≤ PraiseAbove ≤
// Whole, a target within Whole and no negative volume.
func (p Policy) Valid() bool {
	return 0 <= p.WarnBelow && p.WarnBelow <= p.PraiseAbove && p.PraiseAbove <= Whole &&
		0 <= p.Target && p.Target <= Whole && 0 <= p.MinVolume && p.MinVolume <= 1_000_000
}

// Judge gives f the band of the policy, and its version. Bounds are strict.
func (p Policy) Judge(f Figure) Figure {
	f.Policy = p.Version
	switch {
	case f.Required <= 0:
		f.Band = None
	case f.Required < p.MinVolume:
		f.Band = LowVolume
	case Whole*f.Fulfilled > p.PraiseAbove*f.Required:
		f.Band = Praised
	case Whole*f.Fulfilled < p.WarnBelow*f.Required:
		f.Band = Warned
	default:
		f.Band = Normal
	}
	return f
}

// Reached reports whether the target is reached: A ≥ target·N, and something was due.
func (p Policy) Reached(f Figure) bool {
	return f.Required > 0 && Whole*f.Fulfilled >= p.Target*f.Required
}

// ToPraise is the number of documents that must still be signed to be praised.
func (p Policy) ToPraise(f Figure) int {
	if f.Required <= 0 {
		return 0
	}
	return max(0, p.PraiseAbove*f.Required/Whole+1-f.Fulfilled)
}

// ToLeaveWarning is the number of documents that must still be signed so that
// the unit is not warned.
func (p Policy) ToLeaveWarning(f Figure) int { return p.upTo(p.WarnBelow, f) }

// ToTarget is the number of documents that must still be signed to reach the target.
func (p Policy) ToTarget(f Figure) int { return p.upTo(p.Target, f) }

func (p Policy) upTo(rate int, f Figure) int {
	if f.Required <= 0 {
		return 0
	}
	return max(0, (rate*f.Required+Whole-1)/Whole-f.Fulfilled)
}

// Drag is how far the documents that a part misses pull down the rate of the
// whole, in hundredths of a percentage point, rounded down. The drags of all
// parts are what the whole misses to 100 %.
func Drag(part, whole Figure) int {
	if whole.Required <= 0 {
		return 0
	}
	return Whole * part.Missing() / whole.Required
}

// Ranks gives each figure its place among them: the highest rate is 1, on equal
// rates the larger N comes first, equal rate and N share a place and the next
// place follows without a gap. Figures that are not judged have the place 0.
func Ranks(all []Figure) []int {
	order := []int{}
	for i, f := range all {
		if f.Band != None && f.Band != LowVolume {
			order = append(order, i)
		}
	}
	compare := func(a, b int) int {
		f, g := all[a], all[b]
		return cmp.Or(cmp.Compare(g.Fulfilled*f.Required, f.Fulfilled*g.Required), cmp.Compare(g.Required, f.Required))
	}
	slices.SortStableFunc(order, compare)
	places := make([]int, len(all))
	place := 0
	for i, x := range order {
		if i == 0 || compare(order[i-1], x) != 0 {
			place++
		}
		places[x] = place
	}
	return places
}
