package signing

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kyso/app/docsys"
	"kyso/app/outbox"
	"kyso/app/placement"
	"kyso/signer"
	"kyso/signer/token"
	"kyso/signer/verify"
)

// seat is a login of a Desk.
type seat struct {
	desk       *Desk
	session    token.Session
	credential signer.Credential
	key        Key
	chain      []*x509.Certificate
	status     verify.Status
}

var _ Seat = (*seat)(nil)

// Close logs out of the token.
func (s *seat) Close(ctx context.Context) error {
	if err := s.session.Close(ctx); err != nil {
		return fmt.Errorf("log out of token %q: %w", s.key.Token.Label, err)
	}
	return nil
}

// Sign walks one document to the outbox.
func (s *seat) Sign(ctx context.Context, j Job, step func(Step)) (Outcome, error) {
	step(StepPlan)
	out, err := s.place(j)
	if err != nil {
		return Outcome{}, err
	}
	r, err := s.plan(ctx, j)
	if err != nil {
		return Outcome{}, err
	}
	step(StepSign)
	r.BeforeCheck = func() { step(StepCheck) }
	done, err := signer.SignFile(ctx, j.Path, out, r)
	if err != nil {
		return Outcome{}, fmt.Errorf("sign %s: %w", j.Path, err)
	}
	o := s.outcome(done, r)
	s.note(j, o)
	if !s.desk.delivers(j) {
		return o, nil
	}
	step(StepQueue)
	o.Queued, err = s.desk.queue(ctx, j, o.Path)
	return o, err
}

// plan looks at a document, refuses what must not be signed, and gives the
// engine's request.
func (s *seat) plan(ctx context.Context, j Job) (signer.Request, error) {
	if err := s.desk.allowJob(s.key, j); err != nil {
		return signer.Request{}, err
	}
	in, err := signer.InspectWith(j.Path, j.Password)
	if err != nil {
		return signer.Request{}, fmt.Errorf("look at %s: %w", j.Path, err)
	}
	if len(in.Refusals) > 0 {
		r := in.Refusals[0]
		return signer.Request{}, fmt.Errorf("sign %s: %w", j.Path, &signer.RefusalError{Code: r.Code, Text: r.Text, Page: r.Page})
	}
	if err := s.desk.refuse(signedFields(in)); err != nil {
		return signer.Request{}, fmt.Errorf("sign %s: %w", j.Path, err)
	}
	if j.Role == placement.Seal {
		if _, err := approval(ctx, j.Path, j.Password, j.Time); err != nil {
			return signer.Request{}, err
		}
	}
	if err := s.deliverable(ctx, j); err != nil {
		return signer.Request{}, err
	}
	r := s.request(j)
	if r.Field == "" {
		r.Field = freeField(fieldPrefix(j.Role), in)
	}
	return r, nil
}

// signedFields names the fields that hold a signature.
func signedFields(in signer.Inspection) []string {
	var names []string
	for _, f := range in.Fields {
		if f.Signed {
			names = append(names, f.Name)
		}
	}
	return names
}

// outcome says what the engine made.
func (s *seat) outcome(done signer.Result, r signer.Request) Outcome {
	return Outcome{
		Path: done.Path, SHA256: hexOf(done.SHA256), Field: done.Field, Report: done.Report, Certificate: s.status,
		Level: string(cmp.Or(r.Level, signer.LevelB)), MissingIssuer: done.MissingIssuer,
	}
}

// note has the journal told of a signature.
func (s *seat) note(j Job, o Outcome) {
	if s.desk.c.Signed != nil {
		s.desk.c.Signed(s.key, j, o)
	}
}

// delivers reports that a document goes to the outbox once it is signed.
func (d *Desk) delivers(j Job) bool {
	return d.c.Queue != nil && (j.Document != nil || d.c.LocalFiles)
}

// queue gives a signed document to the outbox.
func (d *Desk) queue(ctx context.Context, j Job, path string) (string, error) {
	id, err := d.c.Queue.Enqueue(ctx, itemOf(j, path))
	if err != nil {
		return "", fmt.Errorf("queue %s: %w", path, err)
	}
	return id, nil
}

// deliverable refuses a document for the system that must not be delivered, before it is signed.
func (s *seat) deliverable(ctx context.Context, j Job) error {
	if !s.desk.delivers(j) {
		return nil
	}
	if err := s.desk.c.Queue.Admit(ctx, itemOf(j, j.Path)); err != nil {
		return fmt.Errorf("deliver %s: %w", j.Path, err)
	}
	return nil
}

// FilePrefix begins what stands for a document's identifier where a file belongs to
// no document of the system; the file's name follows.
const FilePrefix = "file:"

// itemOf is what a job's document is called in the outbox. A file of no system is
// called by its name.
func itemOf(j Job, path string) outbox.Item {
	i := outbox.Item{Stage: stageOf(j.Role), Path: path, Metadata: docsys.MetadataOf(j.Document), Password: j.Password, NotSecret: j.NotSecret}
	if d := j.Document; d != nil {
		i.DocumentID, i.BaseVersion, i.Title = d.ID, d.Version, d.Subject
		return i
	}
	i.Title = filepath.Base(j.Path)
	i.DocumentID = FilePrefix + i.Title
	return i
}

// request is the engine's request for a job.
func (s *seat) request(j Job) signer.Request {
	r := signer.Request{
		Credential: s.credential,
		Chain:      s.chain,
		Field:      j.Field,
		Reason:     reasonOf(j.Role),
		Time:       j.Time,
		Password:   j.Password,
	}
	r = s.desk.last(r)
	j = j.Dressed(s.key.Subject)
	if j.Page != 0 {
		r.Marks = []signer.Mark{{Page: j.Page, Rect: signer.Rect(j.Rect), Image: j.Image, Lines: j.Lines, Font: s.desk.c.Font}}
		for _, m := range j.Also {
			r.Marks = append(r.Marks, signer.Mark{Page: m.Page, Rect: signer.Rect(m.Rect), Image: m.Image, Lines: m.Lines, Font: s.desk.c.Font})
		}
	}
	return r
}

// place gives the file to write. A folder, or no place at all, gets a new name
// made from the document's; a file is taken as it is.
func (s *seat) place(j Job) (string, error) { return s.desk.place(j, nil) }

// place is that of a seat; names in taken are not free either.
func (d *Desk) place(j Job, taken map[string]bool) (string, error) {
	dir := d.c.Folder
	if j.Out != "" {
		st, err := os.Stat(j.Out)
		if errors.Is(err, fs.ErrNotExist) || (err == nil && !st.IsDir()) {
			return j.Out, nil
		}
		if err != nil {
			return "", fmt.Errorf("look at %s: %w", j.Out, err)
		}
		dir = j.Out
	}
	base := strings.TrimSuffix(filepath.Base(j.Path), filepath.Ext(j.Path))
	if doc := j.Document; doc != nil {
		base = documentName(doc.Number, doc.Notation, doc.ID)
	}
	return freeName(dir, base+cmp.Or(d.c.Suffix, suffixOf(j.Role)), taken), nil
}

// documentName makes a file name of a document's number and notation.
func documentName(number, notation, id string) string {
	name := strings.Trim(number+"-"+notation, "-")
	if name == "" {
		name = id
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
}

// freeName gives the first name that no file in dir has yet and that is not
// taken. The engine never replaces a file, so a race ends in an error, not in a loss.
func freeName(dir, base string, taken map[string]bool) string {
	for n := 1; ; n++ {
		name := base + ".pdf"
		if n > 1 {
			name = fmt.Sprintf("%s (%d).pdf", base, n)
		}
		path := filepath.Join(dir, name)
		if taken[path] {
			continue
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
}

// freeField gives the first field name with prefix that the file does not have.
func freeField(prefix string, in signer.Inspection) string {
	taken := map[string]bool{}
	for _, f := range in.Fields {
		taken[f.Name] = true
	}
	for n := 1; ; n++ {
		if name := fmt.Sprintf("%s%d", prefix, n); !taken[name] {
			return name
		}
	}
}

// What a role is called: the prefix of its signature fields, the reason in the
// signature, the stage of the version, the end of the file's name. Servers tell
// initials from approvals by the first two.
//
//nolint:gochecknoglobals // a constant table
var roles = map[placement.Role]struct{ field, reason, stage, suffix string }{
	placement.Approval: {"KySo", "Ký phê duyệt", "signed", "-daky"},
	placement.Initials: {"KyNhay", "Ký nháy", "initialled", "-kynhay"},
	placement.Seal:     {"KyCoQuan", "Ký số của cơ quan", "sealed", "-dongdau"},
	placement.Appendix: {"KyPhuLuc", "Ký số phụ lục", "sealed", "-phuluc"},
	placement.Copy:     {"KySaoY", "Sao y", "copy", "-saoy"},
}

func fieldPrefix(r placement.Role) string { return roles[r].field }
func reasonOf(r placement.Role) string    { return roles[r].reason }
func stageOf(r placement.Role) string     { return roles[r].stage }
func suffixOf(r placement.Role) string    { return roles[r].suffix }
