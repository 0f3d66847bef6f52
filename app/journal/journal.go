// Package journal keeps what was signed on this computer: one line of JSON for
// each signature and each answer of the document system, chained by SHA-256,
// appended and synced, never changed.
//
// Each line holds the hash of the line before, so that a change, an insertion or
// a deletion inside is found with its place; the file of the head finds lines
// that are missing at the end. Who can write both files can write a new history:
// the journal shows mishaps and clumsy hands, the server's audit log shows others.
package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The kinds of an entry.
const (
	Signed   = "signed"
	Accepted = "accepted" // the document system keeps it
	Refused  = "refused"  // it does not
)

// Entry is one line. Number, Before and Hash are set by Append.
type Entry struct {
	Number int       `json:"n"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	// Document is the system's, empty for a local file; Title what people call it.
	Document string `json:"document,omitempty"`
	Title    string `json:"title"`
	// Path is the signed file, SHA256 its hash in hexadecimal.
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Role   string `json:"role,omitempty"`
	Level  string `json:"level,omitempty"`
	// Signer and Certificate are the name in the certificate, and its SHA-256.
	Signer      string `json:"signer,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	// Queued is the outbox's item; Receipt is the version that the system named.
	Queued  string `json:"queued,omitempty"`
	Receipt string `json:"receipt,omitempty"`
	Why     string `json:"why,omitempty"`
	// Before is the hash of the line before, Hash that of this one without it.
	Before string `json:"before"`
	Hash   string `json:"hash"`
}

// Break is a place where the chain does not hold.
type Break struct {
	// Line counts from 1; Last reports lines that are missing at the end.
	Line int  `json:"line"`
	Last bool `json:"last,omitempty"`
}

// Journal is an open journal; its methods may be called from several goroutines.
type Journal struct {
	mu     sync.Mutex
	file   *os.File
	folder string
	all    []Entry
	broken *Break
	last   string
	lines  int
}

// head is what the file of the head holds.
type head struct {
	Lines int    `json:"lines"`
	Hash  string `json:"hash"`
	// Broken is what was found once; entries that follow do not heal it.
	Broken *Break `json:"broken,omitempty"`
}

// maxLine bounds a line that is read.
const maxLine = 1 << 20

// Open opens the journal of a folder and verifies it; what does not hold is told
// by Broken and is no error. A last line without its end was never confirmed, and
// goes. Close it.
func Open(folder string) (*Journal, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "journal.jsonl"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &Journal{file: f, folder: folder}
	if err := j.read(); err != nil {
		return nil, fmt.Errorf("open the journal: %w", errors.Join(err, f.Close()))
	}
	return j, nil
}

// read reads and verifies all lines, and leaves the file at its end.
func (j *Journal) read() error {
	r := bufio.NewReaderSize(j.file, maxLine)
	var end int64
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", j.lines+1, err)
		}
		end += int64(len(line))
		j.take(bytes.TrimSuffix(line, []byte("\n")))
	}
	if err := j.file.Truncate(end); err != nil {
		return fmt.Errorf("drop what is not confirmed: %w", err)
	}
	if _, err := j.file.Seek(end, io.SeekStart); err != nil {
		return fmt.Errorf("go to the end: %w", err)
	}
	return j.compare()
}

// take verifies one line.
func (j *Journal) take(line []byte) {
	j.lines++
	var e Entry
	err := json.Unmarshal(line, &e)
	good := err == nil && e.Hash == hashOf(e) && e.Before == j.last
	if !good && j.broken == nil {
		j.broken = &Break{Line: j.lines}
	}
	if err == nil {
		j.all = append(j.all, e)
		j.last = e.Hash
	}
}

// compare holds the lines against the head.
func (j *Journal) compare() error {
	b, err := os.ReadFile(j.headPath())
	if errors.Is(err, fs.ErrNotExist) && len(j.all) == 0 {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the head: %w", err)
	}
	var h head
	if json.Unmarshal(b, &h) != nil {
		h = head{Lines: j.lines + 1} // the head is gone: nobody knows whether lines are missing
	}
	if h.Broken != nil {
		j.broken = h.Broken
	}
	if j.broken == nil && (h.Lines > j.lines || h.Lines > 0 && j.all[h.Lines-1].Hash != h.Hash) {
		j.broken = &Break{Line: j.lines + 1, Last: true}
	}
	return nil
}

func (j *Journal) headPath() string { return filepath.Join(j.folder, "head.json") }

// hashOf is the hash of an entry without its own.
func hashOf(e Entry) string {
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		return "" // an entry of texts and a time always has a form
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Append adds an entry and returns when it is on the disk.
func (j *Journal) Append(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Number, e.Before, e.At = j.lines+1, j.last, e.At.UTC().Truncate(time.Second)
	e.Hash = hashOf(e)
	b, err := json.Marshal(e)
	if err == nil {
		_, err = j.file.Write(append(b, '\n'))
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.all, j.last, j.lines = append(j.all, e), e.Hash, j.lines+1
	return j.writeHead()
}

// writeHead keeps where the journal ends.
func (j *Journal) writeHead() error {
	b, err := json.Marshal(head{j.lines, j.last, j.broken})
	var t *os.File
	if err == nil {
		t, err = os.CreateTemp(j.folder, ".head-*")
	}
	if err != nil {
		return fmt.Errorf("write the journal's head: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	_, err = t.Write(b)
	err = errors.Join(err, t.Sync(), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), j.headPath())
	}
	if err != nil {
		return fmt.Errorf("write the journal's head: %w", err)
	}
	return nil
}

// Entries gives all entries that can be read, oldest first.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Entry(nil), j.all...)
}

// Broken tells the first place where the chain does not hold, nil when it holds.
func (j *Journal) Broken() *Break {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.broken
}

// Close closes the file.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}
