package verify

import "strings"

// permission is a set of certification levels under which something is allowed.
type permission uint8

// One bit for each value of SignatureEvidence.Permission.
const (
	uncertified permission = 1 << iota
	noChanges              // P = 1
	formFilling            // P = 2
	annotating             // P = 3

	never    permission = 0
	always              = uncertified | noChanges | formFilling | annotating
	signing             = uncertified | formFilling | annotating
	filling             = formFilling | annotating
	comments            = annotating
)

func permissionOf(p int) permission {
	switch p {
	case 1:
		return noChanges
	case 2:
		return formFilling
	case 3:
		return annotating
	}
	return uncertified
}

type difference struct {
	place  Place
	action Action
}

type rule struct {
	kind    string
	allowed permission
}

// notCompared is the kind of a comparison that was not finished.
const notCompared = "not-compared"

// rules say what a difference means and under which certifications it is
// permitted (ISO 32000-2, 12.8.2.2 and table 257). What is not listed is a
// change of content, which nothing permits. Without a certification only what
// further signatures need is permitted: a filled field changes what was signed.
func rules() map[difference]rule {
	return map[difference]rule{
		{InMetadata, Added}:         {"metadata-changed", always},
		{InMetadata, Changed}:       {"metadata-changed", always},
		{InMetadata, Removed}:       {"metadata-changed", always},
		{InSecurityStore, Added}:    {"validation-data-added", always},
		{InSecurityStore, Changed}:  {"validation-data-added", always},
		{InSecurityStore, Removed}:  {"validation-data-removed", never},
		{InExtensions, Added}:       {"extensions-changed", always},
		{InExtensions, Changed}:     {"extensions-changed", always},
		{InFormFlags, Added}:        {"form-flags-changed", always},
		{InFormFlags, Changed}:      {"form-flags-changed", always},
		{InSignatureField, Added}:   {"signature-field-added", signing},
		{InSignatureField, Changed}: {"signature-field-changed", never},
		{InSignatureField, Removed}: {"signature-field-removed", never},
		{InSignature, Added}:        {"signature-added", signing},
		{InSignature, Changed}:      {"signature-changed", never},
		{InSignature, Removed}:      {"signature-removed", never},
		{InTimeStamp, Added}:        {"time-stamp-added", always},
		{InField, Added}:            {"form-field-added", never},
		{InField, Changed}:          {"form-filled", filling},
		{InField, Removed}:          {"form-field-removed", never},
		{InAnnotation, Added}:       {"annotation-added", comments},
		{InAnnotation, Changed}:     {"annotation-changed", comments},
		{InAnnotation, Removed}:     {"annotation-removed", comments},
		{InUnknown, Changed}:        {notCompared, never},
	}
}

// changes names each difference since a signature, says whether it is permitted
// and, for further signatures, what they are in the life of a document.
func (j *judge) changes(s SignatureEvidence) []Change {
	changes := judgeChanges(s.Differences, s.Permission)
	for i := range changes {
		c := &changes[i]
		if c.Allowed && c.Field != "" && locked(s.Locks, c.Field) && s.Differences[i].Place == InField {
			c.Allowed = false
			c.Detail += " (locked)"
		}
		c.Role = j.role(s.Differences[i], s.SignedSize)
	}
	return changes
}

// locked reports that one of the locks fixes a field; the name of a parent
// stands for all fields below it (ISO 32000-2, table 236).
func locked(locks []Lock, field string) bool {
	for _, l := range locks {
		named := false
		for _, name := range l.Fields {
			named = named || field == name || strings.HasPrefix(field, name+".")
		}
		if l.Action == "All" || l.Action == "Include" && named || l.Action == "Exclude" && !named {
			return true
		}
	}
	return false
}

// judgeChanges names each difference and says whether it is permitted.
func judgeChanges(differences []Difference, certification int) []Change {
	var changes []Change
	known := rules()
	for _, d := range differences {
		r, ok := known[difference{d.Place, d.Action}]
		if !ok {
			r = rule{kind: "content-" + string(d.Action), allowed: never}
		}
		detail := d.Path
		if d.Detail != "" {
			detail += ": " + d.Detail
		}
		changes = append(changes, Change{
			Kind:    r.kind,
			Allowed: r.allowed&permissionOf(certification) != 0,
			Page:    d.Page,
			Object:  d.Object,
			Detail:  detail,
			Field:   d.Field,
			Rect:    d.Rect,
			Before:  d.Before,
			After:   d.After,
		})
	}
	return changes
}
