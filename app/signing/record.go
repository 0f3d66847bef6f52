package signing

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/turn"
	"kyso/signer"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// ErrBusy reports a batch that a running program has.
var ErrBusy = errors.New("the batch is under way")

// record is what the disk knows of a batch: a folder with the pictures of the
// marks, and a file of JSON lines that only grows: one for each document, then
// one for each that is done. It holds no PIN and no password. While a program
// runs the batch it holds a lock on the file. A nil record keeps nothing.
type record struct {
	folder string
	file   *os.File
	signed bool // something
}

// recordFile is the name of the file of lines.
const recordFile = "batch.jsonl"

// line is one line of the file: a document at first, then what changed of it.
type line struct {
	Kind string `json:"kind"` // "batch", "document", "moved", "done"
	// of the batch, with Index as the number of its documents
	At    time.Time    `json:"at,omitzero"`
	Level signer.Level `json:"level,omitempty"`
	PSS   bool         `json:"pss,omitempty"`
	// of a document
	Index    int              `json:"index"`
	Key      *keyLine         `json:"key,omitempty"`
	Path     string           `json:"path,omitempty"`
	Document *docsys.Document `json:"document,omitempty"`
	Role     placement.Role   `json:"role,omitempty"`
	Page     int              `json:"page,omitempty"`
	Rect     *placement.Rect  `json:"rect,omitempty"`
	Picture  string           `json:"picture,omitempty"` // SHA-256 of the PNG beside the file
	Also     []alsoLine       `json:"also,omitempty"`    // Job.Also
	Lines    []string         `json:"lines,omitempty"`
	// Template is Job.Template, Block Job.Block without font and time.
	Template *docsys.MarkTemplate `json:"template,omitempty"`
	Block    *blockLine           `json:"block,omitempty"`
	Field    string               `json:"field,omitempty"`
	Folder   string               `json:"folder,omitempty"` // Job.Out
	Unplaced bool                 `json:"unplaced,omitempty"`
	// NotSecret is the person\'s word that the document is no secret one.
	NotSecret bool      `json:"not_secret,omitempty"`
	Size      int64     `json:"size,omitempty"`
	Modified  time.Time `json:"modified,omitzero"`
	// of what was moved or done
	Out    string `json:"out,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Queued string `json:"queued,omitempty"`
}

// alsoLine is a Mark.
type alsoLine struct {
	Page     int                  `json:"page"`
	Rect     placement.Rect       `json:"rect"`
	Picture  string               `json:"picture,omitempty"`
	Template *docsys.MarkTemplate `json:"template,omitempty"`
}

// blockLine is a Block.
type blockLine struct {
	Text   string `json:"text"`
	Agency string `json:"agency,omitempty"`
}

// keyLine is a Key without what is judged anew.
type keyLine struct {
	Module      string            `json:"module"`
	Token       token.Info        `json:"token"`
	Certificate token.Certificate `json:"certificate"`
}

// newRecord keeps a batch in a new folder below root.
func newRecord(root string, head line, docs []*document) (*record, error) {
	folder := filepath.Join(root, head.At.UTC().Format("20060102-150405.000")+"-"+rand.Text()[:8])
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err //nolint:wrapcheck // wrapped by Batch
	}
	f, err := os.OpenFile(filepath.Join(folder, recordFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	r := &record{folder: folder, file: f}
	if err := r.fill(head, docs); err != nil {
		return nil, errors.Join(err, r.remove())
	}
	return r, nil
}

// own takes the file for this process until it is closed; ErrBusy when somebody
// else has it.
func own(f *os.File) error {
	mine, err := turn.Try(f)
	if err == nil && !mine {
		err = ErrBusy
	}
	return err
}

// fill writes what is to be done.
func (r *record) fill(head line, docs []*document) error {
	if err := own(r.file); err != nil {
		return err
	}
	head.Kind, head.Index = "batch", len(docs)
	lines := []line{head}
	pictures := map[image.Image]string{}
	for _, d := range docs {
		picture, err := r.picture(d.Job.Image, pictures)
		if err != nil {
			return err
		}
		l := line{
			Kind: "document", Index: d.number, Key: &keyLine{d.Key.Module, d.Key.Token, d.Key.Certificate},
			Path: whole(d.Job.Path), Document: d.Job.Document, Role: d.Job.Role, Page: d.Job.Page, Picture: picture, Lines: d.Job.Lines,
			Template: d.Job.Template, Field: d.Job.Field, Folder: whole(d.Job.Out), Unplaced: d.Unplaced, NotSecret: d.Job.NotSecret, Size: d.size, Modified: d.modified, Out: whole(d.out),
		}
		if d.Job.Page != 0 {
			l.Rect = &d.Job.Rect
		}
		if b := d.Job.Block; b != nil {
			l.Block, l.Lines = &blockLine{b.Text, b.Agency}, nil // it is dated when it is signed
		}
		for _, m := range d.Job.Also {
			also := alsoLine{Page: m.Page, Rect: m.Rect, Template: m.Template}
			if also.Picture, err = r.picture(m.Image, pictures); err != nil {
				return err
			}
			l.Also = append(l.Also, also)
		}
		lines = append(lines, l)
	}
	return r.append(lines...)
}

// whole gives a path that does not depend on the folder in which the program runs.
func whole(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		return abs
	}
	return path
}

// picture keeps the picture of a mark once and gives its name.
func (r *record) picture(m image.Image, kept map[image.Image]string) (string, error) {
	if m == nil {
		return "", nil
	}
	hashable := reflect.TypeOf(m).Comparable()
	if hashable && kept[m] != "" {
		return kept[m], nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return "", fmt.Errorf("keep the picture: %w", err)
	}
	sum := sha256.Sum256(b.Bytes())
	name := hex.EncodeToString(sum[:])
	if err := os.WriteFile(filepath.Join(r.folder, name+".png"), b.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("keep the picture: %w", err)
	}
	if hashable {
		kept[m] = name
	}
	return name, nil
}

// append adds lines; they are on the disk when it returns.
func (r *record) append(lines ...line) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for i := range lines {
		if err := e.Encode(lines[i]); err != nil {
			return fmt.Errorf("keep the batch: %w", err)
		}
	}
	if _, err := r.file.Write(b.Bytes()); err != nil {
		return fmt.Errorf("keep the batch: %w", err)
	}
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("keep the batch: %w", err)
	}
	return nil
}

// done keeps which of the documents are signed, and sent if they are to be, and
// where they are: those without an error.
func (r *record) done(group []sent, errs []error) error {
	if r == nil {
		return nil
	}
	var lines []line
	for i, s := range group {
		if errs[i] == nil {
			lines = append(lines, line{Kind: "done", Index: s.doc.number, Out: s.outcome.Path, SHA256: s.outcome.SHA256, Queued: s.outcome.Queued})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	r.signed = true
	return r.append(lines...)
}

// moved keeps that a document has another output.
func (r *record) moved(d *document) error {
	if r == nil {
		return nil
	}
	return r.append(line{Kind: "moved", Index: d.number, Out: d.out})
}

// begun reports that a document is signed.
func (r *record) begun() bool { return r != nil && r.signed }

// id names the batch, empty when nothing is kept.
func (r *record) id() string {
	if r == nil {
		return ""
	}
	return filepath.Base(r.folder)
}

// close lets go of the batch; it stays on the disk.
func (r *record) close() error {
	if r == nil {
		return nil
	}
	if err := turn.Close(r.file); err != nil {
		return fmt.Errorf("close what is kept of the batch: %w", err)
	}
	return nil
}

// remove forgets the batch.
func (r *record) remove() error {
	if r == nil {
		return nil
	}
	if err := errors.Join(r.close(), os.RemoveAll(r.folder)); err != nil {
		return fmt.Errorf("remove what is kept of the batch: %w", err)
	}
	return nil
}

// Unfinished is a batch that a program began and did not end.
type Unfinished struct {
	ID string
	At time.Time
	// Level and PSS are how it signs.
	Level signer.Level
	PSS   bool
	// Left are the documents that are not signed as far as is known, Done those
	// that are signed, and in the outbox if they go there.
	Left, Done []Job
	// Holders names whose certificates they wait for, Modules where these were found.
	Holders, Modules []string
}

// Unfinished lists the batches that can be resumed, the oldest first. Those that
// a program is signing now are not among them.
func (d *Desk) Unfinished() ([]Unfinished, error) {
	if d.c.Batches == "" {
		return nil, nil
	}
	folders, err := os.ReadDir(d.c.Batches)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for unfinished batches: %w", err)
	}
	var all []Unfinished
	for _, f := range folders {
		r, k, err := openRecord(d.c.Batches, f.Name())
		switch {
		case errors.Is(err, ErrBusy), errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return all, fmt.Errorf("read the batch %s: %w", f.Name(), err)
		}
		u := k.unfinished(f.Name())
		if len(u.Left) == 0 || len(k.docs) < k.head.Index {
			err = r.remove() // it ended before it was forgotten, or before it had begun
		} else {
			all = append(all, u)
			err = r.close()
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// Forget removes what is kept of an unfinished batch. What is signed stays.
func (d *Desk) Forget(id string) error {
	r, _, err := openRecord(d.c.Batches, id)
	if err != nil {
		return fmt.Errorf("forget the batch %s: %w", id, err)
	}
	return r.remove()
}

// ErrOtherLevel reports a batch that was begun with another level of signatures
// than the desk makes.
var ErrOtherLevel = errors.New("the batch was begun with another level of signatures")

// ResumeBatch makes a batch of what is left of an unfinished one. A document that
// was signed just before the program ended is recognized and not signed again. A
// desk that signs with another level than the batch was begun with gets
// ErrOtherLevel.
func (d *Desk) ResumeBatch(id string, o BatchOptions) (*Batch, error) {
	r, k, err := openRecord(d.c.Batches, id)
	if err != nil {
		return nil, fmt.Errorf("resume the batch %s: %w", id, err)
	}
	if l := d.head(); l.Level != k.head.Level || l.PSS != k.head.PSS {
		return nil, errors.Join(fmt.Errorf("resume the batch %s: %w: %s", id, ErrOtherLevel, k.head.Level), r.close())
	}
	b, err := d.newBatch(k.left(d.c.Clock()), o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("resume the batch %s: %w", id, err), r.close())
	}
	for i, l := range k.open() { // under the numbers that the file has them
		b.docs[i].number = l.Index
	}
	b.record = r
	return b, nil
}

// head says how the desk signs.
func (d *Desk) head() line {
	return line{At: d.c.Clock(), Level: cmp.Or(d.c.Lasting.Level, signer.LevelB), PSS: d.c.Lasting.PSS}
}

// kept is what a file of lines says.
type kept struct {
	head     line // its Index is more than docs has when the program ended before the batch had begun
	docs     []line
	done     map[int]line
	pictures map[string]image.Image
}

// openRecord opens what is kept of a batch, and locks it.
func openRecord(root, id string) (*record, kept, error) {
	folder := filepath.Join(root, filepath.Base(id))
	f, err := os.OpenFile(filepath.Join(folder, recordFile), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, kept{}, err //nolint:wrapcheck // wrapped by all callers
	}
	r := &record{folder: folder, file: f}
	if err := own(f); err != nil {
		return nil, kept{}, errors.Join(err, r.close())
	}
	k, err := readRecord(f)
	r.signed = len(k.done) > 0
	if err == nil {
		err = k.readPictures(folder)
	}
	if err != nil {
		return nil, kept{}, errors.Join(err, r.close())
	}
	return r, k, nil
}

// readRecord reads the lines. What stands behind the last end of a line was being
// written when the program ended; it is cut off.
func readRecord(f *os.File) (kept, error) {
	k := kept{done: map[int]line{}}
	in := bufio.NewReader(f)
	var whole int64
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if err := f.Truncate(whole); err != nil {
				return k, fmt.Errorf("cut off a half-written line: %w", err)
			}
			return k, nil
		}
		if err != nil {
			return k, fmt.Errorf("read the lines: %w", err)
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return k, fmt.Errorf("line at byte %d: %w", whole, err)
		}
		whole += int64(len(text))
		if err := k.take(l); err != nil {
			return k, err
		}
	}
}

// errRecord reports lines that do not belong together.
var errRecord = errors.New("the lines of the batch do not belong together")

// take takes a line.
func (k *kept) take(l line) error {
	i := slices.IndexFunc(k.docs, func(d line) bool { return d.Index == l.Index })
	switch {
	case l.Kind == "batch":
		k.head = l
	case l.Kind == "document" && l.Key != nil && i < 0:
		k.docs = append(k.docs, l)
	case l.Kind == "moved" && i >= 0:
		k.docs[i].Out = l.Out
	case l.Kind == "done" && i >= 0:
		k.done[l.Index] = l
	default:
		return errRecord
	}
	return nil
}

// readPictures reads the pictures that the documents name.
func (k *kept) readPictures(folder string) error {
	k.pictures = map[string]image.Image{}
	for _, d := range k.docs {
		for _, name := range d.pictures() {
			if name == "" || k.pictures[name] != nil {
				continue
			}
			m, err := ReadPicture(filepath.Join(folder, filepath.Base(name)+".png"))
			if err != nil {
				return err
			}
			k.pictures[name] = m
		}
	}
	return nil
}

// pictures names the pictures of a document's marks.
func (l line) pictures() []string {
	out := []string{l.Picture}
	for _, m := range l.Also {
		out = append(out, m.Picture)
	}
	return out
}

// open gives the lines of the documents that are not done.
func (k *kept) open() []line {
	return slices.DeleteFunc(slices.Clone(k.docs), func(d line) bool {
		_, done := k.done[d.Index]
		return done
	})
}

// left gives the assignments that are not done, with certificates judged at a time.
func (k *kept) left(at time.Time) []Assignment {
	var out []Assignment
	for _, d := range k.open() {
		key := keyOf(token.Holding{Module: d.Key.Module, Token: d.Key.Token}, d.Key.Certificate, at)
		out = append(out, Assignment{Job: k.job(d), Key: key, Unplaced: d.Unplaced, out: d.Out, again: true, size: d.Size, modified: d.Modified})
	}
	return out
}

// job makes the job of a document's line.
func (k *kept) job(d line) Job {
	j := Job{
		Path: d.Path, Document: d.Document, Role: d.Role, Page: d.Page, Image: k.pictures[d.Picture], Lines: d.Lines, Field: d.Field, Out: d.Folder,
		NotSecret: d.NotSecret, Template: d.Template,
	}
	if d.Block != nil {
		j.Block = &Block{Role: d.Role, Text: d.Block.Text, Agency: d.Block.Agency}
	}
	if d.Rect != nil {
		j.Rect = *d.Rect
	}
	for _, m := range d.Also {
		j.Also = append(j.Also, Mark{Page: m.Page, Rect: m.Rect, Image: k.pictures[m.Picture], Template: m.Template})
	}
	return j
}

// unfinished says what a person wants to know of it.
func (k *kept) unfinished(id string) Unfinished {
	u := Unfinished{ID: id, At: k.head.At, Level: k.head.Level, PSS: k.head.PSS}
	for _, d := range k.docs {
		if _, done := k.done[d.Index]; done {
			u.Done = append(u.Done, k.job(d))
			continue
		}
		u.Left = append(u.Left, k.job(d))
		if !slices.Contains(u.Modules, d.Key.Module) {
			u.Modules = append(u.Modules, d.Key.Module)
		}
		if s, err := cert.Parse(d.Key.Certificate.DER); err == nil && !slices.Contains(u.Holders, s.Name) {
			u.Holders = append(u.Holders, s.Name)
		}
	}
	return u
}

// sumOf gives the SHA-256 of a file in hexadecimal.
func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err //nolint:wrapcheck // the caller only asks whether it can be read
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err //nolint:wrapcheck // as above
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
