package verify

import "time"

// The difference between Vietnam's time and UTC, and how exactly it must be met
// to be taken for the mistake of a program that writes one as the other.
const (
	vietnam   = 7 * time.Hour
	tolerance = time.Hour
)

// warnings are what a person should look at in what came after a signature.
func warnings(differences []Difference) []Warning {
	var all []Warning
	for _, d := range differences {
		w := Warning{Page: d.Page, Rect: d.Rect, Field: d.Field, Before: d.Before, After: d.After}
		switch {
		case d.Place == InField && d.Swapped:
			w.Code = AppearanceSwapped
		case d.Place == InAnnotation && d.Action != Added && d.Before != d.After:
			w.Code = AnnotationChanged
		case d.Action == Removed || !d.Shows || d.Covers == "" && !d.CoversPicture && !d.CoversDrawing:
		case d.Place == InSignature && d.Action == Added && (d.Covers != "" || d.CoversDrawing):
			w.Code, w.Before = SignatureOverContent, d.Covers
		case d.Place == InSignatureField && d.Action == Added:
			w.Code, w.Before = AnnotationOverContent, d.Covers
		case d.Place == InAnnotation:
			w.Code, w.Before = AnnotationOverContent, d.Covers
		}
		if w.Code != "" {
			all = append(all, w)
		}
		for _, spot := range d.Also {
			all = append(all, Warning{Code: SignatureOverContent, Page: spot.Page, Rect: spot.Rect, Field: d.Field, Before: spot.Covers})
		}
	}
	return all
}

// timeWarnings hold the times that a signer claims against the time that is
// proven. Several signing programs write Vietnam's time as if it were UTC.
func timeWarnings(s Signature) []Warning {
	var all []Warning
	seen := map[WarningCode]bool{}
	add := func(code WarningCode, claimed, other time.Time) {
		if !seen[code] {
			seen[code] = true
			all = append(all, Warning{Code: code, Before: other.Format(time.RFC3339), After: claimed.Format(time.RFC3339)})
		}
	}
	off := func(claimed, other time.Time) bool {
		return (claimed.Sub(other) - vietnam).Abs() <= tolerance
	}
	for _, claimed := range []time.Time{s.ClaimedTime, s.SigningTime} {
		switch {
		case claimed.IsZero():
		case !s.ProvenTime.IsZero() && off(claimed, s.ProvenTime):
			add(TimeSevenHoursOff, claimed, s.ProvenTime)
		case !s.ProvenTime.IsZero() && claimed.After(s.ProvenTime.Add(tolerance)):
			add(TimeAfterProof, claimed, s.ProvenTime)
		}
	}
	if a, b := s.ClaimedTime, s.SigningTime; !a.IsZero() && !b.IsZero() && (off(a, b) || off(b, a)) {
		add(TimeSevenHoursOff, b, a)
	}
	return all
}
