package docsys

import (
	"encoding/json"
	"fmt"
	"time"
)

// Metadata describes a document in the terms of the exchange between state
// agencies (QCVN 102:2016/BTTTT): systems that have no record of the document,
// a folder or a WebDAV server, get it beside the file.
type Metadata struct {
	Unit        string `json:"unit,omitempty"`      // mã định danh of the issuing unit
	UnitName    string `json:"unit_name,omitempty"` // full name of the issuing unit
	Number      string `json:"number,omitempty"`
	Notation    string `json:"notation,omitempty"`
	Type        string `json:"type,omitempty"`
	Subject     string `json:"subject,omitempty"`
	IssuedOn    string `json:"issued_on,omitempty"` // yyyy-MM-dd in Asia/Ho_Chi_Minh
	SignerName  string `json:"signer_name,omitempty"`
	SignerTitle string `json:"signer_title,omitempty"`
	Urgent      bool   `json:"urgent,omitempty"`
	// Secrecy is the document's mark of secrecy: empty or "none" for none, else
	// "mat", "toi_mat", "tuyet_mat". Such documents are never delivered.
	Secrecy string `json:"secrecy,omitempty"`
	// FileName is the name under which the person saved the file, without its folder.
	FileName string `json:"file_name,omitempty"`
}

// MetadataOf describes a document of the system; the zero Metadata for nil.
func MetadataOf(d *Document) Metadata {
	if d == nil {
		return Metadata{}
	}
	return Metadata{
		Unit: d.Unit, UnitName: d.UnitName, Number: d.Number, Notation: d.Notation, Type: d.Type, Subject: d.Subject,
		IssuedOn: d.IssuedOn, SignerName: d.SignerName, SignerTitle: d.SignerTitle, Urgent: d.Urgent,
	}
}

// SidecarFormat names the form of a sidecar file.
const SidecarFormat = "vn-sign-exchange/1"

// Sidecar is the JSON file that stands beside a delivered PDF where the system
// keeps files only. Key tells a repeated delivery from another one.
type Sidecar struct {
	Format      string    `json:"format"`
	Key         string    `json:"key"`
	Document    string    `json:"document"`
	BaseVersion string    `json:"base_version,omitempty"`
	Stage       string    `json:"stage"`
	File        string    `json:"file"` // name of the PDF beside it
	SHA256      string    `json:"sha256"`
	Size        int64     `json:"size"`
	DeliveredAt time.Time `json:"delivered_at"`
	Metadata    Metadata  `json:"metadata"`
}

// SidecarOf describes a submission whose PDF is called file.
func SidecarOf(s Submission, file string, at time.Time) Sidecar {
	return Sidecar{
		Format: SidecarFormat, Key: s.Key, Document: s.DocumentID, BaseVersion: s.BaseVersion, Stage: s.Stage,
		File: file, SHA256: s.SHA256, Size: s.Size, DeliveredAt: at.UTC(), Metadata: s.Metadata,
	}
}

// Encode gives the sidecar's bytes.
func (s Sidecar) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the sidecar: %w", err)
	}
	return append(b, '\n'), nil
}

// DecodeSidecar reads a sidecar's bytes.
func DecodeSidecar(b []byte) (Sidecar, error) {
	var s Sidecar
	if err := json.Unmarshal(b, &s); err != nil {
		return Sidecar{}, fmt.Errorf("read the sidecar: %w", err)
	}
	return s, nil
}
