package refserver

import (
	"kyso/app/signrate"
)

// judgement judges the sums of a period by the policy of each unit's kind; what
// is closed keeps the judgement of its close.
type judgement struct {
	land          *land
	policies      policies
	period, today string
	sums          sums
}

// policy is that for a unit's kind.
func (j judgement) policy(kind string) signrate.Policy {
	return j.policies.of(kind, j.period, j.today)
}

func (j judgement) kind(code string) string {
	for _, u := range j.land.units {
		if u.code == code {
			return u.kind
		}
	}
	return ""
}

// own is the figure of a unit alone.
func (j judgement) own(code string) signrate.Figure {
	f := j.policy(j.kind(code)).Judge(j.sums.own[code].figure())
	if line, ok := j.sums.frozen[code]; ok {
		f.Band, f.Policy = line.ownBand, line.policy
	}
	return f
}

// tree is the figure of a unit with all below it.
func (j judgement) tree(code string) signrate.Figure {
	f := j.policy(j.kind(code)).Judge(j.sums.tree[code].figure())
	if line, ok := j.sums.frozen[code]; ok {
		f.Band, f.Policy = line.treeBand, line.policy
	}
	return f
}

// places are the places of all units among those of their kind.
func (j judgement) places() map[string]int {
	out := map[string]int{}
	if j.sums.frozen != nil {
		for code, line := range j.sums.frozen {
			out[code] = line.place
		}
		return out
	}
	byKind := map[string][]string{}
	for _, u := range j.land.units {
		byKind[u.kind] = append(byKind[u.kind], u.code)
	}
	for kind, codes := range byKind {
		p := j.policy(kind)
		figures := make([]signrate.Figure, len(codes))
		for i, code := range codes {
			figures[i] = p.Judge(j.sums.tree[code].figure())
		}
		for i, place := range signrate.Ranks(figures) {
			out[codes[i]] = place
		}
	}
	return out
}
