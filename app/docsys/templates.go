package docsys

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"kyso/app/docsys/api"
)

// MarkTemplates say how an agency wants marks to look.
type MarkTemplates struct {
	// Version counts the times they were set; 0 says nothing was.
	Version int `json:"version"`
	// Basis is the agency's own rule, in its words.
	Basis     string         `json:"basis"`
	Templates []MarkTemplate `json:"templates"`
}

// MarkTemplate is how the mark of one role looks.
type MarkTemplate struct {
	Role string `json:"role"` // one of TemplateRoles
	// Locked reports that nobody may choose otherwise.
	Locked bool `json:"locked"`
	// Picture reports a mark that is a picture; else it is text.
	Picture bool `json:"picture"`
	// Width and Height are the most that the mark may measure, in millimetres; its
	// picture keeps its proportions.
	Width  float64 `json:"width_mm"`
	Height float64 `json:"height_mm"`
	// Opacity is how much of its picture covers what is below, in per cent; 0 is all of it.
	Opacity int `json:"opacity_percent,omitempty"`
	// Lines are the lines of a mark of text: "holder", "title", "unit", "time". A
	// mark of a picture has them where a person has no picture.
	Lines []string `json:"lines"`
	// Text is a line of the agency's own before them.
	Text string `json:"text,omitempty"`
}

// The roles of templates: the forms in which an authorised person signs (NĐ
// 30/2020/NĐ-CP, Đ13), initials, and the marks of the agency.
const (
	TemplateSigner   = "signer"
	TemplateKT       = "KT"
	TemplateTM       = "TM"
	TemplateTL       = "TL"
	TemplateTUQ      = "TUQ"
	TemplateInitials = "initials"
	TemplateSeal     = "seal"
	TemplateAppendix = "appendix"
	TemplateCopy     = "copy"
)

// TemplateRoles are all roles of templates, in the order in which they are shown.
func TemplateRoles() []string {
	return []string{TemplateSigner, TemplateKT, TemplateTM, TemplateTL, TemplateTUQ, TemplateInitials, TemplateSeal, TemplateAppendix, TemplateCopy}
}

// Of gives the template of a role.
func (m MarkTemplates) Of(role string) (MarkTemplate, bool) {
	i := slices.IndexFunc(m.Templates, func(t MarkTemplate) bool { return t.Role == role })
	if i < 0 {
		return MarkTemplate{}, false
	}
	return m.Templates[i], true
}

// bounds are the sizes that a role's mark may have, in millimetres.
type bounds struct{ minWidth, maxWidth, minHeight, maxHeight float64 }

// boundsOf are what fits between title and name, what tradition gives initials
// (12 to 20 mm and a little more), and the diameters of seals. The blocks of
// annexes and copies hold two lines of 10 points.
func boundsOf(role string) bounds {
	switch role {
	case TemplateInitials:
		return bounds{8, 25, 4, 15}
	case TemplateSeal:
		return bounds{30, 50, 30, 50}
	case TemplateAppendix, TemplateCopy:
		return bounds{40, 120, 8, 20}
	}
	return bounds{20, 80, 8, 35}
}

// byPicture reports whether NĐ 30/2020/NĐ-CP, Annex I, part I, section II, wants
// a picture for a role's mark (points 7 and 8) or forbids one; for initials it is
// silent.
func byPicture(role string) (wanted, forbidden bool) {
	switch role {
	case TemplateInitials:
		return false, false
	case TemplateAppendix, TemplateCopy:
		return false, true
	}
	return true, false
}

// maxTemplateText bounds a line of the agency's own, in letters.
const maxTemplateText = 120

// The bounds of an opacity, in per cent: what is fainter is not seen in print.
const (
	minOpacity  = 40
	fullOpacity = 100
)

// Check gives the first thing in templates that cannot be, "" for none.
func (m MarkTemplates) Check() string {
	seen := map[string]bool{}
	for _, t := range m.Templates {
		if seen[t.Role] {
			return t.Role + ": twice"
		}
		seen[t.Role] = true
		if why := t.check(); why != "" {
			return t.Role + ": " + why
		}
	}
	return ""
}

func (t MarkTemplate) check() string {
	b := boundsOf(t.Role)
	wanted, forbidden := byPicture(t.Role)
	within := func(v, low, high float64) bool { return v >= low && v <= high }
	switch {
	case !slices.Contains(TemplateRoles(), t.Role):
		return "unknown role"
	case wanted && !t.Picture:
		return "Decree 30/2020/NĐ-CP wants a picture"
	case forbidden && t.Picture:
		return "Decree 30/2020/NĐ-CP wants no picture"
	case !within(t.Width, b.minWidth, b.maxWidth):
		return fmt.Sprintf("width %g mm, allowed %g to %g", t.Width, b.minWidth, b.maxWidth)
	case !within(t.Height, b.minHeight, b.maxHeight):
		return fmt.Sprintf("height %g mm, allowed %g to %g", t.Height, b.minHeight, b.maxHeight)
	case t.Role == TemplateSeal && t.Width != t.Height:
		return "a seal is round"
	case !t.Picture && t.Role == TemplateInitials && len(t.Lines) == 0 && t.Text == "":
		return "neither picture nor text"
	case t.Opacity != 0 && !within(float64(t.Opacity), minOpacity, fullOpacity):
		return fmt.Sprintf("opacity %d %%, allowed %d to %d", t.Opacity, minOpacity, fullOpacity)
	case t.Opacity != 0 && !t.Picture:
		return "an opacity without a picture"
	case utf8.RuneCountInString(t.Text) > maxTemplateText:
		return "text too long"
	}
	for i, l := range t.Lines {
		if !slices.Contains([]string{"holder", "title", "unit", "time"}, l) || slices.Contains(t.Lines[:i], l) {
			return "line " + l
		}
	}
	return ""
}

// TaggedTemplates are templates with the tag by which the server knows them.
type TaggedTemplates struct {
	MarkTemplates

	Tag string `json:"tag"`
}

// Templates asks how the agency wants marks to look. known is the tag of the
// templates at hand, empty for none: fresh is false when they still hold.
func (c *Client) Templates(ctx context.Context, known string) (m TaggedTemplates, fresh bool, err error) {
	params := &api.GetTemplatesParams{}
	if known != "" {
		params.IfNoneMatch = &known
	}
	resp, err := c.api.GetTemplates(ctx, params)
	resp, err = do(resp, err, http.StatusOK, http.StatusNotModified)
	if err != nil {
		return m, false, fmt.Errorf("ask for the templates of marks: %w", err)
	}
	m.Tag = resp.Header.Get("ETag")
	if resp.StatusCode == http.StatusNotModified {
		_ = resp.Body.Close() // nothing was to be read
		return m, false, nil
	}
	m.MarkTemplates, err = decode[MarkTemplates](resp, nil, http.StatusOK)
	if err != nil {
		return m, false, fmt.Errorf("ask for the templates of marks: %w", err)
	}
	return m, true, nil
}

// SetTemplates replaces the templates that tag names by those of m; its version is
// counted by the server.
func (c *Client) SetTemplates(ctx context.Context, m MarkTemplates, tag string) (MarkTemplates, error) {
	body := api.NewMarkTemplates{Basis: m.Basis, Templates: make([]api.MarkTemplate, len(m.Templates))}
	for i, t := range m.Templates {
		out := api.MarkTemplate{Role: api.MarkTemplateRole(t.Role), Locked: t.Locked, Picture: t.Picture, WidthMm: t.Width, HeightMm: t.Height, Lines: []api.MarkTemplateLines{}}
		if t.Opacity != 0 {
			out.OpacityPercent = &t.Opacity
		}
		if t.Text != "" {
			out.Text = &t.Text
		}
		for _, l := range t.Lines {
			out.Lines = append(out.Lines, api.MarkTemplateLines(l))
		}
		body.Templates[i] = out
	}
	resp, err := c.api.PutTemplates(ctx, &api.PutTemplatesParams{IfMatch: &tag}, body)
	set, err := decode[MarkTemplates](resp, err, http.StatusOK)
	if err != nil {
		return MarkTemplates{}, fmt.Errorf("set the templates of marks: %w", err)
	}
	return set, nil
}
