// Package settings keeps what a person chose: language, server, drivers,
// pictures. One JSON file in the program's folder; no secret is ever in it.
package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"
)

// Settings are a person's choices. The zero value works.
type Settings struct {
	// Language is "vi" or "en"; empty means Vietnamese.
	Language string `json:"language,omitempty"`
	// Server is the base URL of the document system, empty for none.
	Server string `json:"server,omitempty"`
	// Connector says how signed documents leave, Network how servers are reached.
	Connector Connector `json:"connector,omitzero"`
	Network   Network   `json:"network,omitzero"`
	// UndoSeconds is how long a signed document stays here before it is sent, so
	// that the person can take it back; 0 sends at once.
	UndoSeconds int `json:"undo_seconds,omitempty"`
	// Modules are PKCS #11 modules that the person chose, by absolute path.
	Modules []string `json:"modules,omitempty"`
	// SignatureImage, InitialsImage and SealImage are paths of PNG pictures.
	SignatureImage string `json:"signature_image,omitempty"`
	InitialsImage  string `json:"initials_image,omitempty"`
	SealImage      string `json:"seal_image,omitempty"`
	// Trust is a folder of certificates that the person trusts as anchors.
	Trust string `json:"trust,omitempty"`
	// Level is the PAdES level of signatures: "B-B", "B-T", "B-LT" or "B-LTA"; empty
	// means B-B. A level that cannot be reached is an error, never a lower one.
	Level string `json:"level,omitempty"`
	// TimeStampServers are the addresses of time-stamping servers, tried in order.
	TimeStampServers []string `json:"time_stamp_servers,omitempty"`
	// PSS asks RSA keys for RSASSA-PSS, where the token lists it.
	PSS bool `json:"pss,omitempty"`
	// Appearance is "light", "dark" or "system"; empty means light.
	Appearance string `json:"appearance,omitempty"`
	// TextSize is NormalText, LargeText or LargestText; empty means NormalText.
	TextSize string `json:"text_size,omitempty"`
	// LastCertificate is the SHA-256 of the certificate last used, in hexadecimal.
	LastCertificate string `json:"last_certificate,omitempty"`
	// LastCertificates are the same by unit and role; see Chose and LastFor.
	LastCertificates map[string]string `json:"last_certificates,omitempty"`
	// PINIdleMinutes is how long a login on a token lives without a signature; 0
	// leaves it to the program.
	PINIdleMinutes int `json:"pin_idle_minutes,omitempty"`
	// SoftKeys are PKCS #12 files that the person chose, by absolute path. They are
	// used as far as the policy allows.
	SoftKeys []string `json:"soft_keys,omitempty"`
	// KeepSending has the program go on without its window until all is sent.
	KeepSending bool `json:"keep_sending,omitempty"`
	// Toured says that the tour for newcomers was seen, or not wanted.
	Toured bool `json:"toured,omitempty"`
}

// The sizes of text.
const (
	NormalText  = "normal"
	LargeText   = "large"
	LargestText = "largest"
)

// MaxPINIdle bounds PINIdleMinutes.
const MaxPINIdle = 120

// PINIdle is PINIdleMinutes as a duration, within its bounds; 0 leaves it to the
// program.
func (s Settings) PINIdle() time.Duration {
	return time.Duration(min(max(s.PINIdleMinutes, 0), MaxPINIdle)) * time.Minute
}

// Chose gives the settings with the certificate that was chosen for a role in a unit.
func (s Settings) Chose(unit, role, sha256 string) Settings {
	last := maps.Clone(s.LastCertificates)
	if last == nil {
		last = map[string]string{}
	}
	last[unit+"/"+role] = sha256
	s.LastCertificates, s.LastCertificate = last, sha256
	return s
}

// LastFor gives the certificate chosen last for a role in a unit, else the one
// used last at all.
func (s Settings) LastFor(unit, role string) string {
	if last := s.LastCertificates[unit+"/"+role]; last != "" {
		return last
	}
	return s.LastCertificate
}

// known reports whether the settings file has a setting of that name.
func known(name string) bool {
	for f := range reflect.TypeFor[Settings]().Fields() {
		if nameOf(f) == name {
			return true
		}
	}
	return false
}

// nameOf is a setting's name in the file.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// Folders are the places where the program keeps its files.
type Folders struct {
	// Data holds settings, outbox and signed documents; Cache may be deleted at any time.
	Data, Cache string
}

// Signed is the folder of signed documents that were given no place of their own.
func (f Folders) Signed() string { return filepath.Join(f.Data, "signed") }

// Outbox is the folder of the outbox.
func (f Folders) Outbox() string { return filepath.Join(f.Data, "outbox") }

// Batches is the folder for what is known of batches that are not finished.
func (f Folders) Batches() string { return filepath.Join(f.Data, "batches") }

// ErrNoFolder reports that the program has no folder that it may write to.
var ErrNoFolder = errors.New("no folder to write to")

// FindFolders gives the program's folders and makes them. An override (a
// demonstration folder, a portable copy) wins over the system's places; without
// HOME and without an override the error is ErrNoFolder.
func FindFolders(override string) (Folders, error) {
	f := Folders{}
	if override != "" {
		abs, err := filepath.Abs(override)
		if err != nil {
			return f, fmt.Errorf("%w: %w", ErrNoFolder, err)
		}
		f = Folders{Data: filepath.Join(abs, "kyso"), Cache: filepath.Join(abs, "cache")}
	} else {
		data, err := os.UserConfigDir()
		if err != nil {
			return f, fmt.Errorf("%w: %w", ErrNoFolder, err)
		}
		cache, err := os.UserCacheDir()
		if err != nil {
			return f, fmt.Errorf("%w: %w", ErrNoFolder, err)
		}
		f = Folders{Data: filepath.Join(data, "kyso"), Cache: filepath.Join(cache, "kyso")}
	}
	for _, d := range []string{f.Data, f.Cache, f.Signed()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return f, fmt.Errorf("%w: %w", ErrNoFolder, err)
		}
	}
	return f, nil
}

// Load reads the settings of a folder. A missing file gives the zero value; a
// damaged one is an error and stays as it is.
func Load(f Folders) (Settings, error) {
	var s Settings
	b, err := os.ReadFile(path(f))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return Settings{}, fmt.Errorf("read settings %s: %w", path(f), err)
	}
	return s, nil
}

// Save writes the settings: the old file or the new one is there, never a part.
func Save(f Folders, s Settings) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	if err := replace(path(f), append(b, '\n')); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}

// replace writes a file: the old one or the new one is there, never a part.
func replace(path string, b []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".settings-*")
	if err != nil {
		return fmt.Errorf("make a file: %w", err)
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	_, err = t.Write(b)
	if err == nil {
		err = t.Sync()
	}
	if cerr := t.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// path is the settings file.
func path(f Folders) string { return filepath.Join(f.Data, "settings.json") }
