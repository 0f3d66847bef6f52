package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"kyso/app/docsys"
	"kyso/signer/signertest"
)

// Prepare makes the demonstration in dir and prints its steps, and once the
// PINs, to log. now is the day on which the letters are dated.
//
// It works in dir.partial and gives the folder its name at the end, so dir
// holds a whole demonstration or none; what an earlier try left is redone. A
// folder that holds something else is ErrOccupied. A demonstration that is
// there already stays as it is.
func Prepare(ctx context.Context, dir string, tools Tools, now time.Time, log io.Writer) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("prepare the demonstration: %w", err)
	}
	if _, err := Open(abs); err == nil {
		return nil
	}
	module, err := tools.check()
	if err != nil {
		return fmt.Errorf("prepare the demonstration: %w", err)
	}
	if err := vacate(abs); err != nil {
		return fmt.Errorf("prepare the demonstration in %s: %w", dir, err)
	}
	b := &builder{demo: &Demo{dir: abs + ".partial"}, tools: tools, module: module, now: now.In(docsys.Hanoi()), log: log}
	if err := b.build(ctx); err != nil {
		return fmt.Errorf("prepare the demonstration: %w", err)
	}
	if err := os.Rename(b.demo.dir, abs); err != nil {
		return fmt.Errorf("prepare the demonstration: %w", err)
	}
	made, err := Open(abs)
	if err != nil {
		return err
	}
	if err := made.writeConfigs(); err != nil {
		return fmt.Errorf("prepare the demonstration: %w", err)
	}
	b.printPINs(abs)
	return nil
}

// check finds the module and looks whether the programs are there.
func (t Tools) check() (module string, err error) {
	for _, program := range []string{t.Helper, t.Provision, t.Server} {
		if _, err := os.Stat(program); err != nil {
			return "", fmt.Errorf("find a program: %w", err)
		}
	}
	return t.findModule()
}

// vacate makes way for a new demonstration in dir: nothing, an empty folder, or
// a demonstration of an older version may be there, and what a broken-off
// preparation left beside it.
func vacate(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(entries) > 0:
		if _, err := os.Stat(filepath.Join(dir, recordFile)); err != nil {
			return ErrOccupied
		}
		fallthrough
	default:
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return os.RemoveAll(dir + ".partial")
}

// builder prepares one demonstration.
type builder struct {
	demo   *Demo
	tools  Tools
	module string
	now    time.Time
	log    io.Writer
	pki    *signertest.Server
	port   int
	people map[string]certificateAndKey
}

// build fills the folder. The authority answers meanwhile, as the document
// server asks it for the state of certificates.
func (b *builder) build(ctx context.Context) (err error) {
	if err := b.folders(); err != nil {
		return err
	}
	if b.pki, err = b.newAuthority(ctx); err != nil {
		return fmt.Errorf("make the authority: %w", err)
	}
	defer func() { err = errors.Join(err, b.pki.Close()) }()
	steps := []struct {
		say string
		do  func(context.Context) error
	}{
		{"Cấp chứng thư số thử nghiệm (CA, OCSP, CRL, dấu thời gian trên máy này)", b.certificates},
		{"Tạo thiết bị ký SoftHSM của 4 người và của CA", b.tokens},
		{"Vẽ mẫu chữ ký, chữ ký nháy và con dấu minh họa", func(context.Context) error { return b.demo.writePictures() }},
		{"Soạn 6 văn bản theo thể thức Nghị định 30/2020/NĐ-CP", b.letters},
		{"Ký nháy số văn bản thứ năm bằng thiết bị của " + SectionHead().Name, b.initial},
		{"Nạp số liệu minh họa của quận Đống Đa vào máy chủ văn bản", b.seed},
	}
	for i, step := range steps {
		fmt.Fprintf(b.log, "  %d/%d  %s\n", i+1, len(steps), step.say)
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	return b.finish()
}

// newAuthority makes the authority and serves it on the first free port of a
// small range. The range lies below the ports that systems lend to outgoing
// connections, so that it is still free when the demonstration runs again.
func (b *builder) newAuthority(ctx context.Context) (*signertest.Server, error) {
	var config net.ListenConfig
	const first, last = 28470, 28570
	for port := first; port <= last; port++ {
		address := fmt.Sprintf("127.0.0.1:%d", port)
		probe, err := config.Listen(ctx, "tcp", address)
		if err != nil {
			continue
		}
		if err := probe.Close(); err != nil {
			return nil, err
		}
		b.port = port
		pki, err := signertest.New(signertest.Options{
			BaseURL: "http://" + address, Key: "P-256", Clock: func() time.Time { return b.now },
		})
		if err != nil {
			return nil, err
		}
		return pki.Serve(address)
	}
	return nil, fmt.Errorf("no free port from %d to %d", first, last)
}

func (b *builder) folders() error {
	for _, name := range []string{certificatesFolder, trustFolder, lettersFolder, signaturesFolder, authorityFolder, serverFolder, windowFolder} {
		if err := os.MkdirAll(filepath.Join(b.demo.dir, name), 0o700); err != nil {
			return fmt.Errorf("make folders: %w", err)
		}
	}
	return nil
}

// certificates issues everybody's certificate. The keys stay in memory until
// they are in the tokens.
func (b *builder) certificates(context.Context) error {
	b.people = map[string]certificateAndKey{}
	for _, p := range People() {
		id, err := b.pki.Issue(p.spec())
		if err != nil {
			return fmt.Errorf("certify %s: %w", p.Name, err)
		}
		b.people[p.ID] = id
	}
	return b.demo.writeCertificates(b.people, b.pki.PKI)
}

func (b *builder) tokens(ctx context.Context) error {
	return b.demo.writeTokens(ctx, b.tools, b.module, b.people, b.pki.PKI)
}

func (b *builder) letters(context.Context) error {
	return WriteLetters(filepath.Join(b.demo.dir, lettersFolder), b.now)
}

// finish writes the readme and, last, the record.
func (b *builder) finish() error {
	text, err := json.MarshalIndent(record{Version: recordVersion, Prepared: b.now, Port: b.port}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	if err := os.WriteFile(filepath.Join(b.demo.dir, readmeFile), []byte(readme), 0o600); err != nil {
		return fmt.Errorf("write the readme: %w", err)
	}
	if err := os.WriteFile(filepath.Join(b.demo.dir, recordFile), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	return nil
}

func (b *builder) printPINs(dir string) {
	fmt.Fprintf(b.log, "\nThư mục minh họa: %s (có thể xóa cả thư mục)\nMã PIN của các thiết bị minh họa:\n", dir)
	for _, p := range People() {
		who := p.Name
		if p.Title != "" {
			who += ", " + p.Title
		}
		if p.Agency {
			who += " (văn thư)"
		}
		fmt.Fprintf(b.log, "  %-52s %s\n", who, p.PIN)
	}
}

const readme = `Thư mục này là bản minh họa của chương trình Ký số.

Mọi người, văn bản, số liệu, chứng thư số và con dấu trong thư mục đều không có
thật. Chứng thư số do một CA thử nghiệm chạy trên máy này cấp, không có giá trị
pháp lý. Có thể xóa cả thư mục; lần chạy sau sẽ tạo lại.
`
