package present

import (
	"bytes"
	"context"
	"errors"
	"image"
	"path/filepath"
	"slices"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/preview"
	"kyso/app/signing"
)

// Bounds of the zoom, in window units to the point; steps multiply.
const (
	minZoom  = 0.4
	maxZoom  = 8
	zoomStep = 1.15
)

// Info is one line about the document: a label's key and the value.
type Info struct{ Label, Value string }

// ReaderState is the screen with the document's pages.
type ReaderState struct {
	// Serial changes with each document; the window scrolls to the mark then.
	Serial  int
	Loading bool
	Problem *Problem
	// Title is the subject or the file's name, Reference number and notation.
	Title, Reference string
	Info             []Info
	Pages            []preview.Size
	// Zoom is in window units to the point.
	Zoom float64
	// Marks are the marks of the one signing act, the principal one first; there
	// are none before its place is found. Chosen is the one that the keys move.
	Marks  []Mark
	Chosen int
	// Guides show what the mark that is being dragged lines up with.
	Guides []Guide
	// Initials are the further marks as the person chose them.
	Initials Initials
	Role     placement.Role
	// CanChooseRole reports that the person may choose the role: local files.
	CanChooseRole bool
	// Roles are those that the person may choose.
	Roles []placement.Role
	// Block is what the block of an annex or a copy says.
	Block Block
	// Note says where the mark stands and why; NoteTone is Caution for a default.
	Note     Text
	NoteTone Tone
	CanSign  bool
	// CanPractise reports that the act can be rehearsed; Practising that it is all
	// that can be done with this document: the sample letter.
	CanPractise, Practising bool
	// WhyNot says why the document cannot be signed now.
	WhyNot Text
	// Refusal says why the document will not be signed, nil when it can be.
	Refusal *Problem
	// Doubt asks whether the document is a secret one, nil for no doubt; Vouch is the
	// answer that it is not.
	Doubt *Problem
	// Warnings are what the person should know before signing: they are looked
	// for while the pages are shown already.
	Warnings []Warning
	// Locked reports an encrypted file that waits for its password; LockNote says
	// why it is asked for, or that the one given was wrong.
	Locked   bool
	LockNote Text
	LockTone Tone
	// Signatures are those that the document has already.
	Signatures Signatures
	// Search is the search in the text.
	Search Search
}

// Warning is one thing to know about a document.
type Warning struct {
	Problem

	// Pages are where it was found, in order; none for the whole document.
	Pages []int
}

// Reader is the presenter of one open document.
type Reader struct {
	vouched   bool // the person said that the document is not secret
	services  *Services
	loop      Loop
	state     ReaderState
	sheet     Sheet
	document  *docsys.Document
	path      string
	read      map[int]placement.Page // what was read, by the page's number
	hand      hand
	last      []placement.Page // the last pages, in which the place is looked for
	initials  initialing
	searching searching
	password  []byte // of an encrypted file, wiped when it is closed
	drawing   drawing
	// practising says that the document is only there to be practised on.
	practising bool

	// Changed is told each new state, MarkMoved only marks that moved, Searched only
	// what was found, Picture and Thumbnail what was drawn.
	Changed   func(ReaderState)
	MarkMoved func(ReaderState)
	Searched  func(ReaderState)
	Picture   func(Piece, image.Image)
	Thumbnail func(Piece, image.Image)
	// Sign is asked to sign when the person says so.
	Sign func(signing.Job)
	// Rehearse is asked to walk the road for practice.
	Rehearse func(signing.Job)
	// Waiting gives what waits on the server: a local file with the same bytes as
	// one of them is that document.
	Waiting func() []docsys.Document
}

// newReader makes the presenter without a document.
func newReader(s *Services, l Loop) *Reader {
	return &Reader{
		services: s, loop: l, state: ReaderState{Zoom: 1, Role: placement.Approval},
		Changed: func(ReaderState) {}, MarkMoved: func(ReaderState) {}, Searched: func(ReaderState) {},
		Picture: func(Piece, image.Image) {}, Thumbnail: func(Piece, image.Image) {}, Sign: func(signing.Job) {}, Rehearse: func(signing.Job) {},
		Waiting: func() []docsys.Document { return nil },
	}
}

// State gives the state as it is.
func (r *Reader) State() ReaderState { return r.state }

// Show opens a document of the server, or the file at path when d is nil.
func (r *Reader) Show(d *docsys.Document, path string) { r.show(d, path, false) }

// Sample opens the sample letter of the tour: it can be practised on, and not signed.
func (r *Reader) Sample(path string) { r.show(nil, path, true) }

// again opens once more a document of the system that could not be opened.
func (r *Reader) again() {
	if r.document != nil && r.state.Problem != nil {
		r.Show(r.document, r.path)
	}
}

func (r *Reader) show(d *docsys.Document, path string, practising bool) {
	r.practising = practising
	r.closeSheet()
	r.forget()
	r.document, r.path, r.read, r.hand, r.vouched = d, path, nil, hand{}, false
	r.searching = searching{serial: r.searching.serial + 1}
	r.state = ReaderState{
		Serial: r.state.Serial + 1, Loading: true, Zoom: r.state.Zoom,
		Role: placement.Approval, CanChooseRole: d == nil, Roles: rolesOf(r.services.Person), WhyNot: say("reader.loading"),
		Signatures: Signatures{Chosen: -1}, Initials: Initials{On: InitialsNone}, Search: Search{Now: -1},
	}
	r.state.Practising = practising
	if practising {
		r.state.CanChooseRole = false
	}
	if d != nil {
		r.name(d)
	} else {
		r.state.Title = filepath.Base(path)
		r.state.Info = []Info{{"info.file", path}}
	}
	r.Changed(r.state)
	r.open()
}

// open begins to load the document that is shown.
func (r *Reader) open() {
	w := opening{serial: r.state.Serial, document: r.document, path: r.path, waiting: r.Waiting(), password: bytes.Clone(r.password)}
	r.loop.Go(func(ctx context.Context) func() { return r.load(ctx, w) })
}

// Unlock tries a password on an encrypted file. It takes password and wipes it
// when the document is closed; it is kept nowhere else.
func (r *Reader) Unlock(password []byte) {
	if !r.state.Locked || len(password) == 0 {
		clear(password)
		return
	}
	clear(r.password)
	r.password = password
	r.state.Locked, r.state.Loading = false, true
	r.state.WhyNot = say("reader.loading")
	r.Changed(r.state)
	r.open()
}

// opening is one try to open a document.
type opening struct {
	serial   int
	document *docsys.Document
	path     string
	waiting  []docsys.Document
	password []byte // its own copy; load wipes it
}

// name shows what the server knows of a document.
func (r *Reader) name(d *docsys.Document) {
	r.state.Title, r.state.Reference = headline(d.Subject, d.ID), reference(d)
	r.state.Role, r.state.CanChooseRole = roleOf(d, r.services.Person), false
	r.state.Info = documentInfo(d)
}

// documentInfo lists what the server knows of a document.
func documentInfo(d *docsys.Document) []Info {
	all := []Info{
		{"info.type", d.Type},
		{"info.unit", d.UnitName},
		{"info.date", Date(d.IssuedOn)},
		{"info.drafter", d.Drafter},
		{"info.signer", d.SignerName},
		{"info.title", d.SignerTitle},
	}
	return slices.DeleteFunc(all, func(i Info) bool { return i.Value == "" })
}

// load fetches, opens and reads a document; it runs off the window's goroutine.
func (r *Reader) load(ctx context.Context, w opening) func() {
	defer clear(w.password)
	serial := w.serial
	d, path, err := r.find(ctx, w.document, w.path, w.waiting)
	var sheet Sheet
	if err == nil {
		sheet, err = r.services.Sheets.OpenSheet(ctx, path, w.password)
	}
	return func() {
		if serial != r.state.Serial || err != nil {
			if sheet != nil {
				r.loop.Go(func(context.Context) func() { _ = sheet.Close(); return nil }) // only read
			}
		}
		switch {
		case serial != r.state.Serial:
		case errors.Is(err, preview.ErrPassword), errors.Is(err, preview.ErrWrongPassword):
			r.locked(errors.Is(err, preview.ErrWrongPassword))
		case err != nil:
			r.state.Loading, r.state.Problem = false, r.services.problem(err)
			r.state.WhyNot = say("reader.unreadable")
			r.Changed(r.state)
		default:
			r.opened(sheet, d, path)
		}
	}
}

// opened shows the pages at once, and finds the place of the mark meanwhile.
func (r *Reader) opened(sheet Sheet, d *docsys.Document, path string) {
	r.sheet, r.path, r.document, r.read = sheet, path, d, map[int]placement.Page{}
	r.state.Loading, r.state.Pages = false, sheet.Pages()
	if d != nil {
		r.name(d)
	}
	r.state.WhyNot = say("reader.placing")
	r.Changed(r.state)
	serial := r.state.Serial
	r.loop.Go(func(ctx context.Context) func() {
		read, err := preview.EndPages(ctx, sheet)
		return func() {
			if serial != r.state.Serial {
				return
			}
			if err != nil {
				r.state.Problem, r.state.WhyNot = r.services.problem(err), say("reader.unreadable")
				r.Changed(r.state)
				return
			}
			for _, p := range read {
				r.read[p.Number] = p
			}
			r.last = read
			r.placeRole()
			r.examine()
			r.Changed(r.state)
			r.foresee()
		}
	})
}

// foresee looks for what stands in the way of a signature, and for what the
// person should know, while the pages are shown already.
func (r *Reader) foresee() {
	serial, path, document, password := r.state.Serial, r.path, r.document, bytes.Clone(r.password)
	r.loop.Go(func(ctx context.Context) func() {
		defer clear(password)
		f, err := r.services.Road.Foresee(ctx, path, password)
		var secret error
		if r.services.MaySend != nil && document != nil {
			secret = r.services.MaySend(ctx, document, path, password)
		}
		return func() {
			// What cannot be read now is told when it is signed.
			if err != nil || serial != r.state.Serial {
				return
			}
			r.secrecy(secret)
			r.state.Warnings = r.warnings(f.Warnings)
			if f.Refusal != nil {
				r.state.Refusal = r.services.problem(f.Refusal)
				r.state.Marks, r.state.Note = nil, Text{}
			}
			r.allow()
			r.Changed(r.state)
		}
	})
}

// secrecy takes what was found of a mark of secrecy. A secret document is not
// signed for the network; a doubtful one waits for the person's word.
func (r *Reader) secrecy(err error) {
	p := r.services.problem(err)
	switch {
	case p == nil:
	case p.Code == "secret":
		r.state.Refusal = p
		r.state.Marks, r.state.Note = nil, Text{}
	case p.Code == "secret-doubt":
		r.state.Doubt = p
	}
}

// Vouch takes the person's word that the document is not secret.
func (r *Reader) Vouch() {
	if r.state.Doubt == nil {
		return
	}
	r.state.Doubt, r.vouched = nil, true
	r.allow()
	r.Changed(r.state)
}

// warnings puts warnings into words, one of a kind, with the pages of all.
func (r *Reader) warnings(found []signing.Finding) []Warning {
	var out []Warning
	for _, f := range found {
		m := r.services.Warn(f)
		at := slices.IndexFunc(out, func(w Warning) bool { return w.Code == m.Code })
		if at < 0 {
			out, at = append(out, Warning{Problem: m}), len(out)
		}
		if f.Page > 0 && !slices.Contains(out[at].Pages, f.Page) {
			out[at].Pages = append(out[at].Pages, f.Page)
		}
	}
	for _, w := range out {
		slices.Sort(w.Pages)
	}
	slices.SortStableFunc(out, func(a, b Warning) int { return quality(a) - quality(b) })
	return out
}

// quality is 1 for warnings about how well a file was made, 0 for those about
// what it may hide: these are told first.
func quality(w Warning) int {
	switch w.Code {
	case "warning-font-not-embedded", "warning-replaceable-font", "warning-repaired", "warning-untagged":
		return 1
	}
	return 0
}

// locked asks for the password of an encrypted file.
func (r *Reader) locked(again bool) {
	clear(r.password)
	r.password = nil
	r.state.Loading, r.state.Locked = false, true
	r.state.LockNote, r.state.LockTone, r.state.WhyNot = say("reader.locked.help"), Plain, say("reader.locked.whynot")
	if again {
		r.state.LockNote, r.state.LockTone = say("reader.locked.wrong"), Caution
	}
	r.Changed(r.state)
}

// find gives the file of a document, or the document of a local file when it is
// one that waits: signed, it goes where it belongs.
func (r *Reader) find(ctx context.Context, d *docsys.Document, path string, waiting []docsys.Document) (*docsys.Document, string, error) {
	if d != nil {
		path, err := r.services.Library.Fetch(ctx, *d)
		return d, path, err
	}
	if len(waiting) == 0 {
		return nil, path, nil
	}
	d, err := r.services.Library.Match(path, waiting)
	return d, path, err
}

// place proposes a mark for the role and says how sure it is.
func (r *Reader) place() {
	look := r.services.look(r.state.Role, unitOf(r.document))
	w, h := look.Size()
	p := placement.Propose(r.last, r.state.Role, signerOf(r.document, r.services.Person), w, h)
	r.hand = hand{}
	r.state.Marks = []Mark{r.services.mark(look, p.Page, p.Rect)}
	r.state.Chosen, r.state.Initials = 0, Initials{On: InitialsNone}
	r.initials.serial++
	r.state.Note, r.state.NoteTone = say("place."+p.Why), Good
	if !p.Sure {
		r.state.NoteTone = Caution
	}
	r.allow()
}

// allow says whether the document can be signed as things stand, and why not.
func (r *Reader) allow() {
	s := &r.state
	switch {
	case s.Refusal != nil:
		s.WhyNot = say("reader.refused")
	case s.Doubt != nil:
		s.WhyNot = say("reader.doubt")
	case s.Block.Unplaced.Key != "":
		s.WhyNot = s.Block.Unplaced
	case len(s.Marks) == 0:
		s.WhyNot = say("reader.placing")
	case s.Initials.Looking:
		s.WhyNot = s.Initials.Note
	case s.Initials.Wrong:
		s.WhyNot = say("initials.whynot")
	default:
		s.WhyNot = Text{}
	}
	s.CanSign = s.WhyNot.Key == ""
	s.CanPractise = s.CanSign && r.services.Rehearsal != nil && (s.Role == placement.Approval || s.Role == placement.Initials)
}

// SetRole chooses what a local file is signed as and places the mark anew.
func (r *Reader) SetRole(role placement.Role) {
	if !r.state.CanChooseRole || r.state.Role == role || r.last == nil || r.state.Refusal != nil {
		return
	}
	r.state.Role = role
	r.placeRole()
	r.Changed(r.state)
}

// Close lets the document go.
func (r *Reader) Close() {
	r.closeSheet()
	r.forget()
	r.document, r.path, r.read, r.last, r.hand = nil, "", nil, nil, hand{}
	r.searching = searching{serial: r.searching.serial + 1}
	r.state = ReaderState{Serial: r.state.Serial + 1, Zoom: r.state.Zoom, Role: placement.Approval, Signatures: Signatures{Chosen: -1}}
}

// forget wipes the password of the document. Work that is under way has a copy
// of its own and wipes that.
func (r *Reader) forget() {
	clear(r.password)
	r.password = nil
}

// closeSheet closes the open sheet, off the window's goroutine: it may be drawing.
func (r *Reader) closeSheet() {
	r.drawing = drawing{}
	if s := r.sheet; s != nil {
		r.sheet = nil
		r.loop.Go(func(context.Context) func() { _ = s.Close(); return nil }) // only read
	}
}
