package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	sheet "kyso/app/verdict"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/verify"
)

// kind is a kind of key and how it signs.
type kind struct {
	name, key string
	pss       bool
}

// kinds are tried at every level.
func kinds() []kind {
	return []kind{
		{"RSA 2048", "RSA-2048", false},
		{"RSA 2048 PSS", "RSA-2048", true},
		{"RSA 3072", "RSA-3072", false},
		{"RSA 3072 PSS", "RSA-3072", true},
		{"P-256", "P-256", false},
		{"P-384", "P-384", false},
		{"P-521", "P-521", false},
	}
}

func levels() []signer.Level {
	return []signer.Level{signer.LevelB, signer.LevelT, signer.LevelLT, signer.LevelLTA}
}

// judgeEntry asks pyHanko for a verdict.
type judgeEntry struct {
	Name     string `json:"name"`
	Path     string `json:"path"`
	Root     string `json:"root"`
	Password string `json:"password,omitempty"`
	// Known are intermediates, for levels that need not bring them.
	Known []string     `json:"known"`
	Level signer.Level `json:"level"`
}

// alone reports that the file must prove everything by what it holds.
func (e judgeEntry) alone() bool { return e.Level == signer.LevelLT || e.Level == signer.LevelLTA }

// judgeAnswer is pyHanko's verdict.
type judgeAnswer struct {
	Name       string `json:"name"`
	Error      string `json:"error"`
	Signatures []struct {
		Field      string `json:"field"`
		Passed     bool   `json:"passed"`
		Reached    bool   `json:"reached"`
		Indication string `json:"indication"`
		Message    string `json:"message"`
		Intact     bool   `json:"intact"`
		Changes    string `json:"changes"`
	} `json:"signatures"`
}

// verdict is the worst of the signatures'. pyHanko names no level: it was asked
// to validate by the process of one, and passing that is reaching it.
func (a judgeAnswer) verdict(asked signer.Level) verdict {
	if a.Error != "" || len(a.Signatures) == 0 {
		return verdict{why: "error: " + a.Error}
	}
	out := verdict{passed: true, level: string(asked)}
	for _, s := range a.Signatures {
		out.why += fmt.Sprintf("%s %s %s %s; ", s.Field, s.Indication, s.Message, s.Changes)
		// Its AdES status leaves out what its difference analysis finds.
		changed := s.Changes != "" && !strings.HasPrefix(s.Changes, "ModificationLevel.")
		out.passed = out.passed && s.Passed && s.Intact && s.Reached && !changed
	}
	return out
}

// lower is the lower of two levels.
func lower(a, b signer.Level) string {
	for _, l := range levels() {
		if l == a || l == b {
			return string(l)
		}
	}
	return ""
}

// request asks for a level with everything that it needs.
func (i *interop) request(key string, pss bool, level signer.Level) (signer.Request, error) {
	id, err := i.server.Issue(signertest.IssueSpec{Name: "Nguyễn Thị Ánh Tuyết", Unit: "UBND phường Láng", Title: "Chủ tịch", Key: key})
	if err != nil {
		return signer.Request{}, fmt.Errorf("issue: %w", err)
	}
	return signer.Request{
		Credential: id.Credential(), Intermediates: i.server.Chain(), PSS: pss, Level: level, Time: time.Now().Truncate(time.Second),
		TSAs: []signer.TSA{{URL: i.server.BaseURL() + signertest.PathTSA}}, Anchors: []*x509.Certificate{i.server.Root()},
		Client: &http.Client{Timeout: 10 * time.Second}, Reason: "Phê duyệt", Password: []byte(documentPassword),
	}, nil
}

// judgeOurs signs and has the others judge.
func (i *interop) judgeOurs(ctx context.Context) error {
	var entries []judgeEntry
	var wants []string
	add := func(name, path, want string, level signer.Level) {
		entries = append(entries, judgeEntry{Name: name, Path: path, Root: i.root, Known: i.known(), Password: documentPassword, Level: level})
		if want == "" {
			want = string(level)
		}
		wants = append(wants, want)
	}
	for _, sign := range []func(context.Context, adder) error{i.everyKey, i.everyPaper, i.marked, i.locked, i.raised, i.renewed, i.spoilt, i.updated} {
		if err := sign(ctx, add); err != nil {
			return err
		}
	}
	return i.judge(ctx, "made by us", entries, wants)
}

// judge has all sides judge and adds the rows; wants are the levels that were asked for.
func (i *interop) judge(ctx context.Context, group string, entries []judgeEntry, wants []string) error {
	answers, err := ask[judgeEntry, judgeAnswer](ctx, i, "judge", entries)
	if err != nil {
		return err
	}
	dss, err := i.askDSS(ctx, entries)
	if err != nil {
		return err
	}
	for n, e := range entries {
		ours, err := i.our(ctx, e)
		if err != nil {
			return err
		}
		theirs := []verdict{answers[n].verdict(e.Level), dss[n]}
		i.rows = append(i.rows, row{group: group, name: e.Name, wants: wants[n], ours: ours, theirs: theirs})
	}
	return nil
}

// adder takes a file to be judged by the process of a level; an empty want is
// that level, bad is a file that must be refused.
type adder = func(name, path, want string, level signer.Level)

// documentPassword opens the encrypted documents; others need none.
const documentPassword = "doc"

// everyKey signs with every kind of key at every level.
func (i *interop) everyKey(ctx context.Context, add adder) error {
	in := filepath.Join(i.dir, "in.pdf")
	if err := os.WriteFile(in, signertest.Paper{}.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	for _, k := range kinds() {
		for _, level := range levels() {
			req, err := i.request(k.key, k.pss, level)
			if err != nil {
				return err
			}
			name := k.name + " " + string(level)
			out, err := i.sign(ctx, in, name, req)
			if err != nil {
				return err
			}
			add(name, out, "", level)
		}
	}
	return nil
}

// sign signs into the run's folder.
func (i *interop) sign(ctx context.Context, in, name string, req signer.Request) (string, error) {
	out := filepath.Join(i.dir, name+".pdf")
	req.Replace = true
	if _, err := signer.SignFile(ctx, in, out, req); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// everyPaper signs documents of many kinds at the highest level, and some twice.
func (i *interop) everyPaper(ctx context.Context, add adder) error {
	papers := map[string][]byte{
		"cross-reference stream": signertest.Paper{Stream: true}.Bytes(),
		"form":                   signertest.Paper{Form: true}.Bytes(),
		"form in a stream":       signertest.Paper{Form: true, Stream: true}.Bytes(),
		"hybrid file":            hybridPaper(),
		"empty field":            signertest.Paper{EmptyField: "Ky1"}.Bytes(),
		"junk before the header": signertest.Paper{Junk: "HTTP/1.1 200 OK\r\n\r\n"}.Bytes(),
	}
	for name, paper := range papers {
		in := filepath.Join(i.dir, "in "+name+".pdf")
		if err := os.WriteFile(in, paper, 0o600); err != nil {
			return fmt.Errorf("write the document: %w", err)
		}
		if err := i.twice(ctx, add, in, name); err != nil {
			return err
		}
	}
	for bits, name := range map[string]string{"40": "RC4 of 40 bits", "128": "AES of 128 bits", "256": "AES of 256 bits"} {
		in := filepath.Join(i.dir, "in "+name+".pdf")
		args := []string{"--allow-weak-crypto", "--encrypt", documentPassword, "owner", bits}
		if bits == "128" {
			args = append(args, "--use-aes=y")
		}
		args = append(args, "--", filepath.Join(i.dir, "in.pdf"), in)
		if said, err := exec.CommandContext(ctx, "qpdf", args...).CombinedOutput(); err != nil { //nolint:gosec // our own words
			return fmt.Errorf("qpdf: %w: %s", err, said)
		}
		if err := i.twice(ctx, add, in, name); err != nil {
			return err
		}
	}
	return nil
}

// twice signs once and by a second person, both at the highest level.
func (i *interop) twice(ctx context.Context, add adder, in, name string) error {
	for _, key := range []string{"RSA-2048", "P-256"} {
		req, err := i.request(key, false, signer.LevelLTA)
		if err != nil {
			return err
		}
		name += ", signed"
		out, err := i.sign(ctx, in, name, req)
		if err != nil {
			return err
		}
		add(name, out, "", signer.LevelLTA)
		in = out
	}
	return nil
}

// our is our verdict on a file, with no more help than pyHanko has.
func (i *interop) our(ctx context.Context, e judgeEntry) (verdict, error) {
	r, err := signer.VerifyFile(ctx, e.Path, signer.VerifyOptions{
		Anchors: []*x509.Certificate{i.server.Root()}, Client: &http.Client{Timeout: 10 * time.Second},
		Offline: e.alone(), At: time.Now(), Password: []byte(e.Password),
	})
	if err != nil {
		return verdict{}, fmt.Errorf("verify %s: %w", e.Name, err)
	}
	if err := i.writeReport(e.Name, r); err != nil {
		return verdict{}, err
	}
	out := verdict{level: string(signer.LevelLTA)}
	passed, signatures := true, 0
	for _, s := range r.Signatures {
		if s.SubFilter == "ETSI.RFC3161" {
			continue
		}
		signatures++
		if s.Indication != verify.TotalPassed && out.sub == "" {
			out.sub = string(s.Indication) + " " + string(s.SubIndication)
		}
		passed = passed && s.Indication == verify.TotalPassed
		out.level = lower(signer.Level(s.Level), signer.Level(out.level))
		out.why += fmt.Sprintf("%s %s %s %s %s; ", s.Field, s.Indication, s.SubIndication, s.Why, s.LevelNote)
	}
	out.passed = passed && signatures > 0
	return out, nil
}

// writeReport writes our verdict as a validation report of ETSI TS 119 102-2.
func (i *interop) writeReport(name string, r verify.Report) (err error) {
	path := filepath.Join(i.dir, fmt.Sprintf("report %d.xml", len(i.reports)))
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	if err = errors.Join(sheet.New(name, make([]byte, sha256.Size), r).ETSI(f), f.Close()); err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	i.reports = append(i.reports, path)
	return nil
}

// spoilt makes files that both must refuse.
func (i *interop) spoilt(ctx context.Context, add adder) error {
	req, err := i.request("P-256", false, signer.LevelT)
	if err != nil {
		return err
	}
	in := filepath.Join(i.dir, "in.pdf")
	out, err := i.sign(ctx, in, "one byte changed", req)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(out)
	if err != nil {
		return fmt.Errorf("spoil: %w", err)
	}
	b[20] ^= 1                                          // in the second line, which is signed
	if err := os.WriteFile(out, b, 0o600); err != nil { //nolint:gosec // in the run's folder
		return fmt.Errorf("spoil: %w", err)
	}
	add("one byte changed", out, bad, signer.LevelT)
	if req, err = i.request("P-256", false, signer.LevelB); err != nil {
		return err
	}
	i.server.Revoke(req.Credential.Certificate().SerialNumber, time.Now().Add(-time.Hour))
	if out, err = i.sign(ctx, in, "revoked signer", req); err != nil {
		return err
	}
	add("revoked signer", out, bad, signer.LevelB)
	return nil
}

// The documents that a later revision changes.
const (
	resizedLater = "a page that is changed later"
	notedLater   = "a note that is added later"
)

// updated changes signed documents by a revision of their own.
func (i *interop) updated(ctx context.Context, add adder) error {
	for name, change := range map[string][2]string{
		resizedLater: {"595", "400"},
		notedLater:   {"/Annots", "/Annots[<</Type/Annot/Subtype/Square/Rect[100 100 300 200]/IC[1 1 1]>> "},
	} {
		req, err := i.request("P-256", false, signer.LevelT)
		if err != nil {
			return err
		}
		in := filepath.Join(i.dir, "in for "+name+".pdf")
		if err := os.WriteFile(in, barePage(), 0o600); err != nil {
			return fmt.Errorf("write the document: %w", err)
		}
		out, err := i.sign(ctx, in, name, req)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(out)
		if err != nil {
			return fmt.Errorf("spoil: %w", err)
		}
		if b, err = withObject(b, 3, change[0], change[1]); err != nil {
			return err
		}
		if err := os.WriteFile(out, b, 0o600); err != nil { //nolint:gosec // in the run's folder
			return fmt.Errorf("spoil: %w", err)
		}
		add(name, out, bad, signer.LevelT)
	}
	return nil
}

// raised signs at one level and extends to each higher one.
func (i *interop) raised(ctx context.Context, add adder) error {
	in := filepath.Join(i.dir, "in.pdf")
	for n, from := range levels() {
		for _, to := range levels()[n+1:] {
			req, err := i.request("RSA-2048", false, from)
			if err != nil {
				return err
			}
			name := string(from) + " raised to " + string(to)
			signed, err := i.sign(ctx, in, name+" before", req)
			if err != nil {
				return err
			}
			out := filepath.Join(i.dir, name+".pdf")
			if err := i.extend(ctx, signed, out, req, to); err != nil {
				return err
			}
			add(name, out, "", to)
		}
	}
	return nil
}

// renewed renews an archive time stamp twice.
func (i *interop) renewed(ctx context.Context, add adder) error {
	req, err := i.request("P-384", false, signer.LevelLTA)
	if err != nil {
		return err
	}
	path, err := i.sign(ctx, filepath.Join(i.dir, "in.pdf"), "B-LTA to be renewed", req)
	if err != nil {
		return err
	}
	for _, name := range []string{"B-LTA renewed", "B-LTA renewed again"} {
		out := filepath.Join(i.dir, name+".pdf")
		if err := i.extend(ctx, path, out, req, signer.LevelLTA); err != nil {
			return err
		}
		add(name, out, "", signer.LevelLTA)
		path = out
	}
	return nil
}

func (i *interop) extend(ctx context.Context, in, out string, req signer.Request, level signer.Level) error {
	_, err := signer.ExtendFile(ctx, in, out, signer.ExtendRequest{
		Level: level, TSAs: req.TSAs, Anchors: req.Anchors, Client: req.Client, Time: time.Now(), Replace: true,
	})
	if err != nil {
		return fmt.Errorf("raise to %s: %w", level, err)
	}
	return nil
}
