package rehearsal

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kyso/app/demo/letter"
)

//go:embed sample.txt
var sample string

// SampleName is the file name of the sample letter.
const SampleName = "Thư mẫu.pdf"

// Sample writes the sample letter into folder and gives its path. It is in the
// form of NĐ 30/2020/NĐ-CP, Annex I, and to be signed by the person named; empty
// names leave it to anybody. An earlier one is replaced.
func Sample(folder, name, title string, today time.Time) (string, error) {
	l, err := letter.Parse(sample, today)
	if err != nil {
		return "", fmt.Errorf("write the sample letter: %w", err)
	}
	if name != "" {
		l.Signer = name
	}
	if title != "" {
		l.Capacity = []string{strings.ToUpper(title)}
	}
	paper, err := letter.Compose(l)
	if err != nil {
		return "", fmt.Errorf("write the sample letter: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("write the sample letter: %w", err)
	}
	f, err := os.CreateTemp(folder, ".sample-*")
	if err != nil {
		return "", fmt.Errorf("write the sample letter: %w", err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone after the rename
	err = paper.WritePDF(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	path := filepath.Join(folder, SampleName)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("write the sample letter: %w", err)
	}
	return path, nil
}
