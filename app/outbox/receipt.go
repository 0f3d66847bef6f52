package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kyso/app/docsys"
)

// ReceiptFile is what is written beside the signed document ("biên nhận"): what
// the system said that it holds.
type ReceiptFile struct {
	Document   string    `json:"document"`
	Title      string    `json:"title"`
	File       string    `json:"file"` // name of the signed document beside it
	System     string    `json:"system"`
	Version    string    `json:"version"`
	SHA256     string    `json:"sha256"` // computed by the system from what it stored
	Size       int64     `json:"size"`
	ReceivedAt time.Time `json:"received_at"`
	// Verification is the system's own, State "pending" before it is done.
	Verification docsys.VersionStatus `json:"verification"`
}

// receiptSuffix ends the name of a receipt.
const receiptSuffix = ".bien-nhan"

// writeReceipt writes the receipt of an item beside its document and notes where.
// A document that is not there any more gets none, nor does one in a folder that
// cannot be written: the outbox itself keeps every receipt.
func (b *Box) writeReceipt(i *Item) {
	if _, err := os.Stat(i.Path); err != nil {
		return
	}
	path, err := receiptPlace(*i)
	if err != nil {
		return
	}
	raw, err := json.MarshalIndent(ReceiptFile{
		Document: i.DocumentID, Title: i.Title, File: filepath.Base(i.Path), System: i.Target, Version: i.Receipt.Version,
		SHA256: i.Receipt.SHA256, Size: i.Size, ReceivedAt: i.Receipt.ReceivedAt.UTC(), Verification: i.Verification,
	}, "", "  ")
	if err != nil {
		return
	}
	if replaceFile(path, append(raw, '\n')) == nil {
		i.ReceiptPath = path
	}
}

// receiptPlace gives the name for a receipt: the document's own, unless a
// receipt for other bytes has it.
func receiptPlace(i Item) (string, error) {
	if i.ReceiptPath != "" && filepath.Dir(i.ReceiptPath) == filepath.Dir(i.Path) {
		return i.ReceiptPath, nil
	}
	stem := strings.TrimSuffix(i.Path, filepath.Ext(i.Path)) + receiptSuffix
	const most = 100
	for n := 1; n < most; n++ {
		path := stem + ".json"
		if n > 1 {
			path = fmt.Sprintf("%s (%d).json", stem, n)
		}
		old, err := ReadReceipt(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && old.SHA256 == i.SHA256 && old.Document == i.DocumentID {
			return path, nil
		}
	}
	return "", fs.ErrExist
}

// ReadReceipt reads a receipt's file.
func ReadReceipt(path string) (ReceiptFile, error) {
	var r ReceiptFile
	raw, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("read the receipt: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("read the receipt %s: %w", path, err)
	}
	return r, nil
}

// replaceFile writes a file so that the old one or the new one is there, never a part.
func replaceFile(path string, raw []byte) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".bien-nhan-*")
	if err != nil {
		return err //nolint:wrapcheck // a receipt that cannot be written is left out
	}
	defer os.Remove(t.Name()) //nolint:errcheck // gone after the rename
	_, err = t.Write(raw)
	if err == nil {
		err = t.Sync()
	}
	if cerr := t.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(t.Name(), path)
	}
	return err //nolint:wrapcheck // a receipt that cannot be written is left out
}
