package evidence

import (
	"slices"
	"strconv"

	"kyso/signer/internal/pdf"
	"kyso/signer/verify"
)

// form compares the interactive forms (ISO 32000-2, 12.7.3).
func (c *comparison) form(a, b any, at where) {
	before, after := c.before.Dict(a), c.after.Dict(b)
	if before == nil && after == nil {
		return
	}
	if after == nil {
		c.add(at, verify.Removed, "")
		return
	}
	for _, key := range bothKeys(before, after) {
		down := at.down(key)
		x, y := before.Get(key), after.Get(key)
		switch key {
		case "Fields":
			c.fieldList(x, y, down)
		case "SigFlags":
			c.value(x, y, down.in(verify.InFormFlags))
		case "NeedAppearances":
			c.value(x, y, down.within(verify.InField))
		case "DR":
			c.resources(x, y, down)
		case "DA":
			if x == nil { // a form that had no text before says how text will look
				down = down.in(verify.InFormFlags)
			}
			c.value(x, y, down)
		default:
			c.value(x, y, down)
		}
	}
}

// resources compares the default resources of the form: entries may join, those
// that are there must stay.
func (c *comparison) resources(a, b any, at where) {
	before, after := c.before.Dict(a), c.after.Dict(b)
	if before == nil || after == nil {
		c.value(a, b, at.in(verify.InFormFlags))
		return
	}
	for _, kind := range bothKeys(before, after) {
		down := at.down(kind)
		x, y := c.before.Dict(before.Get(kind)), c.after.Dict(after.Get(kind))
		if x == nil || y == nil {
			if before.Get(kind) == nil {
				down = down.in(verify.InFormFlags)
			}
			c.value(before.Get(kind), after.Get(kind), down)
			continue
		}
		for _, name := range bothKeys(x, y) {
			entry := down.down(name)
			if !x.Has(name) {
				entry = entry.in(verify.InFormFlags)
			}
			c.value(x.Get(name), y.Get(name), entry)
		}
	}
}

// fieldList compares a list of fields, the form's or the kids of one.
func (c *comparison) fieldList(a, b any, at where) {
	before, after := c.before.Array(a), c.after.Array(b)
	kept, had := members(after), members(before)
	for i, item := range before {
		down := at.down(strconv.Itoa(i))
		if !kept(item) {
			place := verify.InField
			if _, ok := c.fields[refOf(item)]; ok {
				place = verify.InSignature
			}
			down.object, down.owner = refOf(item).Number, refOf(item)
			c.add(down.in(place), verify.Removed, "")
			continue
		}
		c.field(item, item, down)
	}
	for i, item := range after {
		if !had(item) {
			c.addedField(item, at.down(strconv.Itoa(i)))
		}
	}
}

// members tells what stands in a list: references by number, anything else by its value.
func members(list pdf.Array) func(item any) bool {
	refs := map[pdf.Ref]bool{}
	var direct pdf.Array
	for _, item := range list {
		if ref, ok := item.(pdf.Ref); ok {
			refs[ref] = true
		} else {
			direct = append(direct, item)
		}
	}
	return func(item any) bool {
		if ref, ok := item.(pdf.Ref); ok {
			return refs[ref]
		}
		return slices.ContainsFunc(direct, func(other any) bool { return pdf.Equal(item, other) })
	}
}

func refOf(v any) pdf.Ref {
	ref, _ := v.(pdf.Ref)
	return ref
}

// addedField reports a new field; one that only groups signature fields stands for them.
func (c *comparison) addedField(item any, at where) {
	ref := refOf(item)
	at.object, at.owner = ref.Number, ref
	field, ok := c.signedSince[ref]
	if !ok {
		c.add(at.in(verify.InField), verify.Added, c.after.Text(c.after.Dict(item).Get("T")))
		return
	}
	c.addedSignature(field, at)
}

// addedSignature reports a signature field that the signed revision did not have.
func (c *comparison) addedSignature(field pdf.SignatureField, at where) {
	at.place, at.object, at.owner = placeOf(c.after, field), field.Ref.Number, field.Ref
	if len(field.Widgets) > 0 && !field.Widgets[0].Ref.IsZero() {
		at.owner = field.Widgets[0].Ref
	}
	if len(field.Widgets) > 0 && field.Widgets[0].Page > 0 {
		at.page = field.Widgets[0].Page
	}
	count := len(c.differences)
	c.add(at, verify.Added, field.Name)
	if len(c.differences) > count && len(field.Widgets) > 1 {
		c.differences[count].Also = c.scene.further(field.Widgets[1:])
	}
}

func placeOf(f *pdf.File, field pdf.SignatureField) verify.Place {
	switch {
	case field.Value == nil:
		return verify.InSignatureField
	case f.Name(field.Value.Get("Type")) == "DocTimeStamp":
		return verify.InTimeStamp
	}
	return verify.InSignature
}

// asField marks objects that were compared as a field. An object that was only
// reached as the value of another field was not.
const asField verify.Place = "as field"

// field compares one field, or one widget of it, that both revisions have.
func (c *comparison) field(a, b any, at where) {
	before, after := refOf(a), refOf(b)
	if c.settled(a, b) {
		return
	}
	if !before.IsZero() {
		at.object, at.owner = before.Number, before
		if !c.first(before, after, asField) {
			return
		}
	}
	x, y := c.before.Dict(a), c.after.Dict(b)
	if x == nil || y == nil {
		c.value(a, b, at)
		return
	}
	free, place := c.freedom(before, at)
	for _, key := range bothKeys(x, y) {
		down := at.down(key)
		switch {
		case key == "Kids":
			c.fieldList(x.Get(key), y.Get(key), down)
		case key == "Parent":
			c.parent(x.Get(key), y.Get(key), down)
		case key == "P":
			c.same(x.Get(key), y.Get(key), down)
		case slices.Contains(free, key):
			if place != "" {
				c.value(x.Get(key), y.Get(key), down.within(place))
			}
		default:
			c.value(x.Get(key), y.Get(key), down)
		}
	}
}

// freedom says which entries of a field may differ and in what place such a
// difference lies. No place means that they belong to a new signature, which is
// reported here once.
func (c *comparison) freedom(ref pdf.Ref, at where) ([]string, verify.Place) {
	old, isSignature := c.fields[ref]
	switch {
	case !isSignature:
		return filledKeys(), verify.InField
	case old.Value != nil || old.Dict.Get("V") != nil:
		return signedKeys(), verify.InSignature
	}
	field, ok := c.signedSince[ref]
	if !ok || field.Value == nil {
		return signedKeys(), verify.InSignatureField
	}
	c.addedSignature(field, at)
	return signedKeys(), ""
}

// parent follows the link from a widget or a field up to its parent, which is a field too.
func (c *comparison) parent(a, b any, at where) {
	if !pdf.Equal(a, b) {
		c.add(at, verify.Changed, "")
		return
	}
	c.field(a, b, at)
}

// annotations compares the annotations of a page.
func (c *comparison) annotations(a, b any, at where) {
	before, after := c.before.Array(a), c.after.Array(b)
	if before == nil && after == nil {
		c.value(a, b, at)
		return
	}
	kept, had := members(after), members(before)
	for i, item := range before {
		down := at.down(strconv.Itoa(i))
		if !kept(item) {
			down.object, down.owner = refOf(item).Number, refOf(item)
			c.add(down.in(verify.InAnnotation), verify.Removed, string(c.before.Name(c.before.Dict(item).Get("Subtype"))))
			continue
		}
		c.annotation(item, item, down)
	}
	for i, item := range after {
		if had(item) {
			continue
		}
		down := at.down(strconv.Itoa(i))
		down.object, down.owner = refOf(item).Number, refOf(item)
		if field, ok := c.signedSince[refOf(item)]; ok && c.isNew(field) {
			c.addedSignature(field, down)
			continue
		}
		c.add(down.in(verify.InAnnotation), verify.Added, string(c.after.Name(c.after.Dict(item).Get("Subtype"))))
	}
}

// isNew reports a signature field that was empty or not there in the signed revision.
func (c *comparison) isNew(field pdf.SignatureField) bool {
	old, ok := c.fields[field.Ref]
	return !ok || old.Value == nil
}

// annotation compares one annotation that both revisions have.
func (c *comparison) annotation(a, b any, at where) {
	if c.settled(a, b) {
		return
	}
	at.owner = refOf(b)
	if !pdf.Equal(a, b) {
		c.value(a, b, at.within(verify.InAnnotation))
		return
	}
	if c.before.Name(c.before.Dict(a).Get("Subtype")) == "Widget" {
		c.field(a, b, at)
		return
	}
	c.value(a, b, at.within(verify.InAnnotation))
}

// signedKeys may change in a field, or its widget, when it is signed.
func signedKeys() []string { return []string{"V", "AP", "AS", "MK", "F", "DA", "M"} }

// filledKeys may change in a field, or its widget, when it is filled.
func filledKeys() []string { return []string{"V", "AP", "AS", "M", "RV", "I", "TI"} }
