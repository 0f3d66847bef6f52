package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
)

// Policy is what an administrator has laid down for a computer. The zero value
// lays down nothing and allows no keys in files.
type Policy struct {
	// SoftKeys says what keys in files (.p12) may be used for: "" for nothing,
	// "trials" for files of this computer, "agency" for an agency's key.
	SoftKeys string `json:"soft_keys,omitempty"`
	// Locked are settings that win over the person's, by their names in the
	// settings file.
	Locked map[string]json.RawMessage `json:"locked,omitempty"`
}

// ErrNotAdministrators reports a policy file that somebody else than an
// administrator may write. It lays down nothing.
var ErrNotAdministrators = errors.New("the policy file can be written by others than an administrator")

// ErrPolicy reports a policy file with a value that is none.
var ErrPolicy = errors.New("the policy file has a value that is not known")

// PolicyFile is where an administrator writes the policy.
func PolicyFile() string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(os.Getenv("ProgramData"), "KySo", "policy.json")
	case "darwin":
		return "/Library/Application Support/KySo/policy.json"
	}
	return "/etc/kyso/policy.json"
}

// LoadPolicy reads the policy. A missing file lays down nothing. A damaged one is
// an error: who reads it must not go on as if nothing were locked.
func LoadPolicy(path string) (Policy, error) {
	var p Policy
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the policy: %w", err)
	}
	if !administrators(path) {
		return p, fmt.Errorf("%s: %w", path, ErrNotAdministrators)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return Policy{}, fmt.Errorf("read the policy %s: %w", path, err)
	}
	if !slices.Contains([]string{"", "trials", "agency"}, p.SoftKeys) {
		return Policy{}, fmt.Errorf("%s: soft_keys %q: %w", path, p.SoftKeys, ErrPolicy)
	}
	if _, err := p.Apply(Settings{}); err != nil {
		return Policy{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Apply gives the settings with what is locked.
func (p Policy) Apply(s Settings) (Settings, error) {
	if len(p.Locked) == 0 {
		return s, nil
	}
	for name := range p.Locked {
		if !known(name) {
			return s, fmt.Errorf("locked setting %q: %w", name, ErrPolicy)
		}
	}
	var locked Settings // apart: Unmarshal would write into the person's lists
	b, err := json.Marshal(p.Locked)
	if err == nil {
		err = json.Unmarshal(b, &locked)
	}
	if err != nil {
		return s, fmt.Errorf("locked settings: %w", err)
	}
	from, to := reflect.ValueOf(locked), reflect.ValueOf(&s).Elem()
	for i := range to.NumField() {
		if p.Locks(nameOf(to.Type().Field(i))) {
			to.Field(i).Set(from.Field(i))
		}
	}
	return s, nil
}

// Locks reports that the person cannot change the setting with that name in the
// settings file.
func (p Policy) Locks(name string) bool {
	_, locked := p.Locked[name]
	return locked
}
