// Package demo prepares and runs the demonstration: tokens of four people, a
// throwaway certification authority, six letters that wait for a chairman, and
// the document server of their district. All of it lives in one folder that can
// be deleted.
//
// It is for showing the program and for its end-to-end test. Nothing in it is
// to be trusted: its PINs are printed, its authority checks nothing, and its
// people and figures are invented.
package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// The folder of a demonstration holds these.
const (
	tokensFolder       = "tokens"       // the people's tokens, with softhsm2.conf beside it
	authorityFolder    = "ca"           // the authority's own token and softhsm2.conf
	certificatesFolder = "certificates" // NAME.cer of everybody
	trustFolder        = "trust"        // the root, and the issuing CA to complete chains
	lettersFolder      = "letters"
	signaturesFolder   = "signatures"
	serverFolder       = "server" // of the document server
	windowFolder       = "window" // outbox, cache and signed documents of the window
	configFile         = "softhsm2.conf"
	recordFile         = "demo.json" // written last: without it there is no demonstration
	readmeFile         = "README.txt"
)

// Tools are the programs that the demonstration runs, by absolute path.
type Tools struct {
	Helper    string // kyso-token
	Provision string // kyso-provision
	Server    string // docserver
	// Module is SoftHSM's PKCS #11 module; empty looks where the systems put it.
	Module string
}

// ToolsBeside gives the tools that lie in the folder of the running program.
func ToolsBeside() (Tools, error) {
	program, err := os.Executable()
	if err != nil {
		return Tools{}, fmt.Errorf("find the demonstration's tools: %w", err)
	}
	return ToolsIn(filepath.Dir(program)), nil
}

// ToolsIn gives the tools of a folder.
func ToolsIn(dir string) Tools {
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	return Tools{
		Helper:    filepath.Join(dir, "kyso-token"+suffix),
		Provision: filepath.Join(dir, "kyso-provision"+suffix),
		Server:    filepath.Join(dir, "docserver"+suffix),
	}
}

// ErrNone reports that a folder holds no demonstration.
var ErrNone = errors.New("no demonstration there")

// ErrOccupied reports that a folder is in use for something else.
var ErrOccupied error = namedError{"demo-occupied", "the folder holds something else than a demonstration"}

// ErrNoSoftHSM reports that SoftHSM's module was not found.
var ErrNoSoftHSM error = namedError{"demo-softhsm", "SoftHSM is not installed"}

// namedError is an error that names the message a person reads (package explain).
type namedError struct{ code, text string }

func (e namedError) Error() string { return e.text }

// ExplainCode names the message that a person reads.
func (e namedError) ExplainCode() string { return e.code }

// Demo is a prepared demonstration.
type Demo struct {
	dir    string // absolute
	record record
}

// record is the file that makes a folder a demonstration.
type record struct {
	Version  int       `json:"version"`
	Prepared time.Time `json:"prepared"`
	// Port is where the authority answers: its certificates name it.
	Port int `json:"port"`
}

// recordVersion changes when an older folder can no longer be run.
const recordVersion = 2

// Open takes up a demonstration that Prepare made. An error is ErrNone when
// there is none, or one of an older version.
func Open(dir string) (*Demo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the demonstration: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(abs, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", dir, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("open the demonstration: %w", err)
	}
	d := &Demo{dir: abs}
	if err := json.Unmarshal(b, &d.record); err != nil {
		return nil, fmt.Errorf("open the demonstration: read %s: %w", recordFile, err)
	}
	if d.record.Version != recordVersion {
		return nil, fmt.Errorf("open %s: version %d: %w", dir, d.record.Version, ErrNone)
	}
	return d, nil
}

// Dir is the demonstration's folder, as an absolute path.
func (d *Demo) Dir() string { return d.dir }

// Prepared is when it was prepared; the letters' dates are relative to it.
func (d *Demo) Prepared() time.Time { return d.record.Prepared }

// Trust is the folder of trust anchors.
func (d *Demo) Trust() string { return filepath.Join(d.dir, trustFolder) }

// Letter is the path of a letter's PDF.
func (d *Demo) Letter(l Letter) string { return filepath.Join(d.dir, lettersFolder, l.File+".pdf") }

// Signature is the path of the picture of a person's signature.
func (d *Demo) Signature(p Person) string {
	return filepath.Join(d.dir, signaturesFolder, p.ID+"-chu-ky.png")
}

// Initials is the path of the picture of a person's initials.
func (d *Demo) Initials(p Person) string {
	return filepath.Join(d.dir, signaturesFolder, p.ID+"-ky-nhay.png")
}

// SealPicture is the path of the picture of the agency's seal.
func (d *Demo) SealPicture() string { return filepath.Join(d.dir, signaturesFolder, "con-dau.png") }

// CertificateFile is the path of a person's certificate.
func (d *Demo) CertificateFile(p Person) string {
	return filepath.Join(d.dir, certificatesFolder, p.ID+".cer")
}

// SoftHSM is the path of the configuration in which the people's tokens show.
func (d *Demo) SoftHSM() string { return filepath.Join(d.dir, configFile) }

// Window is the folder of the window's outbox, cache and signed documents.
func (d *Demo) Window() string { return filepath.Join(d.dir, windowFolder) }

// serverData is the folder of the document server.
func (d *Demo) serverData() string { return filepath.Join(d.dir, serverFolder) }

// address is where the authority answers.
func (d *Demo) address() string { return fmt.Sprintf("127.0.0.1:%d", d.record.Port) }
