package look

import (
	"math"
	"strings"

	"kyso/signer/internal/pdf"
)

const maxStack = 256

// runner is one content stream on its way.
type runner struct {
	l         *looker
	t         tokens
	resources *pdf.Dict
	operands  list
	s         state
	stack     []state
	line, at  matrix  // text line matrix and text matrix (9.4)
	path      pdf.Box // bounds of the current path, in user space
	hasPath   bool
	rectangle bool // the path is one rectangle
	clips     bool // the path becomes the clipping path
	depth     int
}

// num is the i-th operand counted from the last, zero when it is no number.
func (r *runner) num(i int) float64 {
	if k := len(r.operands) - 1 - i; k >= 0 {
		if n, ok := r.operands[k].(number); ok {
			return float64(n)
		}
	}
	return 0
}

func (r *runner) named() string {
	if len(r.operands) > 0 {
		if n, ok := r.operands[len(r.operands)-1].(name); ok {
			return string(n)
		}
	}
	return ""
}

func (r *runner) do(operator string) {
	switch operator {
	case "q":
		if len(r.stack) < maxStack {
			r.stack = append(r.stack, r.s)
		}
	case "Q":
		if n := len(r.stack); n > 0 {
			r.s, r.stack = r.stack[n-1], r.stack[:n-1]
		}
	case "cm":
		r.s.ctm = r.matrix().over(r.s.ctm)
	case "Do":
		r.object(r.named())
	case "BI":
		r.t.inlineImage()
		r.l.add(r.s, Item{Kind: Picture, Box: r.s.ctm.box(pdf.Box{X1: 1, Y1: 1})})
	case "gs":
		r.extended(r.l.f.Dict(r.l.f.Dict(r.resources.Get("ExtGState")).Get(r.named())))
	default:
		if !r.drawing(operator) {
			r.text(operator)
		}
	}
}

func (r *runner) matrix() matrix {
	return matrix{r.num(5), r.num(4), r.num(3), r.num(2), r.num(1), r.num(0)}
}

// object shows an external object (8.8).
func (r *runner) object(name string) {
	stream, ok := r.l.f.Resolve(r.l.f.Dict(r.resources.Get("XObject")).Get(name)).(*pdf.Stream)
	if !ok {
		return
	}
	switch r.l.f.Name(stream.Dict.Get("Subtype")) {
	case "Image":
		r.l.add(r.s, Item{Kind: Picture, Box: r.s.ctm.box(pdf.Box{X1: 1, Y1: 1}), Hides: r.hides() && solid(r.l.f, stream.Dict)})
	case "Form":
		if r.depth < maxForms {
			r.l.form(stream, r.s, r.resources, r.depth)
		}
	}
}

// extended reads a graphics state dictionary (8.4.5).
func (r *runner) extended(d *pdf.Dict) {
	if a, ok := r.l.f.Float(d.Get("ca")); ok {
		r.s.sheer = a < 1
	}
	if m := r.l.f.Name(d.Get("BM")); m != "" && m != "Normal" && m != "Compatible" || r.l.f.Dict(d.Get("SMask")) != nil {
		r.s.sheer = true
	}
}

func (r *runner) hides() bool { return !r.s.sheer && r.s.ctm.upright() }

// solid reports an image without a mask (8.9.5.4 and 11.6.5.2).
func solid(f *pdf.File, d *pdf.Dict) bool {
	stencil, _ := f.Resolve(d.Get("ImageMask")).(bool)
	return !stencil && !d.Has("Mask") && !d.Has("SMask") && !d.Has("SMaskInData")
}

// drawing takes the operators of paths (8.5).
func (r *runner) drawing(operator string) bool {
	switch operator {
	case "m", "l":
		r.rectangle = false
		r.point(r.num(1), r.num(0))
	case "c":
		r.rectangle = false
		r.point(r.num(5), r.num(4))
		r.point(r.num(3), r.num(2))
		r.point(r.num(1), r.num(0))
	case "v", "y":
		r.rectangle = false
		r.point(r.num(3), r.num(2))
		r.point(r.num(1), r.num(0))
	case "re":
		r.rectangle = !r.hasPath
		r.point(r.num(3), r.num(2))
		r.point(r.num(3)+r.num(1), r.num(2)+r.num(0))
	case "f", "F", "f*", "B", "B*", "b", "b*":
		if r.hasPath {
			r.l.add(r.s, Item{Kind: Area, Box: r.path, Hides: r.rectangle && r.hides(), Drawn: !r.rectangle})
		}
		r.endPath()
	case "S", "s":
		if r.l.lines++; r.hasPath && r.l.lines <= maxLines {
			r.l.add(r.s, Item{Kind: Line, Box: r.path})
		}
		r.endPath()
	case "n":
		r.endPath()
	case "sh": // it fills what the clipping path leaves (8.7.4.2)
		if r.s.clipped {
			r.l.add(r.s, Item{Kind: Area, Box: r.s.clip})
		}
	case "W", "W*":
		r.clips = true
	case "h":
	default:
		return false
	}
	return true
}

// endPath ends a path, which may become the clipping path (8.5.4).
func (r *runner) endPath() {
	if r.clips && r.hasPath {
		r.s = r.s.within(r.path)
	}
	r.hasPath, r.clips, r.rectangle = false, false, false
}

func (r *runner) point(x, y float64) {
	b := r.s.ctm.box(pdf.Box{X0: x, Y0: y, X1: x, Y1: y})
	if !r.hasPath {
		r.path, r.hasPath = b, true
		return
	}
	r.path = pdf.Box{
		X0: math.Min(r.path.X0, b.X0), Y0: math.Min(r.path.Y0, b.Y0),
		X1: math.Max(r.path.X1, b.X1), Y1: math.Max(r.path.Y1, b.Y1),
	}
}

// text takes the operators of text (9.3 and 9.4).
func (r *runner) text(operator string) {
	switch operator {
	case "BT":
		r.line, r.at = identity(), identity()
	case "Tf":
		r.font()
	case "Td":
		r.move(r.num(1), r.num(0))
	case "TD":
		r.s.leading = -r.num(0)
		r.move(r.num(1), r.num(0))
	case "Tm":
		r.line = r.matrix()
		r.at = r.line
	case "T*":
		r.move(0, -r.s.leading)
	case "TL":
		r.s.leading = r.num(0)
	case "Tc":
		r.s.char = r.num(0)
	case "Tw":
		r.s.words = r.num(0)
	case "Tz":
		r.s.scale = r.num(0) / 100
	case "Ts":
		r.s.rise = r.num(0)
	case "Tr":
		r.s.hidden = r.num(0) == 3 || r.num(0) == 7
	default:
		r.shows(operator)
	}
}

func (r *runner) shows(operator string) {
	switch operator {
	case "\"":
		r.s.words, r.s.char = r.num(2), r.num(1)
		r.move(0, -r.s.leading)
	case "'":
		r.move(0, -r.s.leading)
	case "Tj", "TJ":
	default:
		return
	}
	if len(r.operands) == 0 {
		return
	}
	switch v := r.operands[len(r.operands)-1].(type) {
	case text:
		r.show(list{v})
	case list:
		r.show(v)
	}
}

func (r *runner) move(x, y float64) {
	r.line = matrix{1, 0, 0, 1, x, y}.over(r.line)
	r.at = r.line
}

func (r *runner) font() {
	if len(r.operands) < 2 {
		return
	}
	r.s.size = r.num(0)
	n, ok := r.operands[len(r.operands)-2].(name)
	if !ok {
		return
	}
	d := r.l.f.Dict(r.l.f.Dict(r.resources.Get("Font")).Get(string(n)))
	known, ok := r.l.fonts[d]
	if !ok {
		known = readFont(r.l.f, d, &r.l.codes)
		r.l.fonts[d] = known
	}
	r.s.font = known
}

// show places the strings of one operator as one item.
func (r *runner) show(parts list) {
	if r.s.font == nil {
		return
	}
	var whole strings.Builder
	start := r.at
	moved := 0.0
	for _, part := range parts {
		switch v := part.(type) {
		case number:
			moved -= float64(v) / 1000 * r.s.size * r.s.scale
			if float64(v) < -180 { // a gap as wide as a space
				whole.WriteByte(' ')
			}
		case text:
			if whole.Len() > maxText {
				return
			}
			s := r.s.font.show(v)
			whole.WriteString(s.text)
			moved += (s.width/1000*r.s.size + float64(s.count)*r.s.char + float64(s.spaces)*r.s.words) * r.s.scale
		}
	}
	r.at = matrix{1, 0, 0, 1, moved, 0}.over(start)
	if r.s.hidden || whole.Len() == 0 {
		return
	}
	box := pdf.Box{X0: math.Min(0, moved), Y0: r.s.rise - 0.2*r.s.size, X1: math.Max(0, moved), Y1: r.s.rise + 0.8*r.s.size}
	r.l.add(r.s, Item{Kind: Text, Box: start.over(r.s.ctm).box(box), Text: whole.String()})
}
