package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
)

// ErrNotSettings reports a file that holds no settings of this program.
var ErrNotSettings = errors.New("the file holds no settings of this program")

// maxPortable bounds a file of settings.
const maxPortable = 1 << 20

// personal are the settings that stay with the person and the computer: which
// certificates were used, and where the pictures of the marks lie.
func personal() []string {
	return []string{"signature_image", "initials_image", "seal_image", "last_certificate", "last_certificates", "toured"}
}

// Export writes what may go to another computer. It never has a secret, for the
// settings have none, and nothing of what is personal.
func Export(path string, s Settings) error {
	b, err := json.Marshal(s)
	var all map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err == nil {
		for _, name := range personal() {
			delete(all, name)
		}
		b, err = json.MarshalIndent(all, "", "  ")
	}
	if err == nil {
		err = os.WriteFile(path, append(b, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("export the settings: %w", err)
	}
	return nil
}

// Import reads what Export wrote; what is personal stays that of now. A file with
// something else in it is ErrNotSettings.
func Import(path string, now Settings) (Settings, error) {
	f, err := os.Open(path)
	if err != nil {
		return now, fmt.Errorf("import the settings: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(io.LimitReader(f, maxPortable))
	if err != nil {
		return now, fmt.Errorf("import the settings: %w", err)
	}
	var s Settings
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return now, fmt.Errorf("import %s: %w: %w", path, ErrNotSettings, err)
	}
	s.SignatureImage, s.InitialsImage, s.SealImage = now.SignatureImage, now.InitialsImage, now.SealImage
	s.LastCertificate, s.LastCertificates = now.LastCertificate, now.LastCertificates
	return s, nil
}

// Differences names the settings that differ, by their names in the file.
func Differences(a, b Settings) []string {
	var out []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		name := nameOf(x.Type().Field(i))
		if !slices.Contains(personal(), name) && !same(x.Field(i), y.Field(i)) {
			out = append(out, name)
		}
	}
	return out
}

// same holds an empty list to be none.
func same(a, b reflect.Value) bool {
	if (a.Kind() == reflect.Slice || a.Kind() == reflect.Map) && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
