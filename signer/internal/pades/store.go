package pades

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // names an entry (EN 319 142-1, 5.4.2.3); nothing depends on its strength
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"kyso/signer/internal/pdf"
)

// maxStored is how many streams of one kind of an earlier store are compared
// with what is added; the rest is kept without a look.
const maxStored = 1000

// Material is what proves a certificate good later on, each in DER.
type Material struct {
	Certificates, OCSPs, CRLs [][]byte
}

// Add takes in what m has.
func (a *Material) Add(m Material) {
	a.Certificates = union(a.Certificates, m.Certificates)
	a.OCSPs = union(a.OCSPs, m.OCSPs)
	a.CRLs = union(a.CRLs, m.CRLs)
}

func union(a, b [][]byte) [][]byte {
	for _, x := range b {
		if !slices.ContainsFunc(a, func(y []byte) bool { return bytes.Equal(x, y) }) {
			a = append(a, x)
		}
	}
	return a
}

// StoreEntry is the material of one signature or document time stamp.
type StoreEntry struct {
	// Contents is the value of its /Contents with the zeros that fill it up.
	Contents []byte
	Material Material
}

// Store writes an update that adds material to the document security store
// (ISO 32000-2, 12.8.4.3): to the lists for the whole document, and by signature
// (VRI). What the store has already stays and is not written twice.
func Store(f *pdf.File, entries []StoreEntry) ([]byte, error) {
	s := &store{f: f, u: f.Update(), refs: map[string]map[[sha256.Size]byte]pdf.Ref{}}
	root := f.Catalog()
	old := f.Dict(root.Get("DSS"))
	dss := pdf.NewDict("Type", pdf.Name("DSS"))
	if old != nil {
		dss = old.Clone()
	}
	vri := &pdf.Dict{}
	if d := f.Dict(dss.Get("VRI")); d != nil {
		vri = d.Clone()
	}
	for _, key := range storeKeys() {
		s.know(key, f.Array(old.Get(key)))
	}
	lists := map[string]pdf.Array{}
	for _, e := range entries {
		vri.Set(VRIKey(e.Contents), s.entry(e.Material, lists))
	}
	for _, key := range storeKeys() {
		if all := s.merged(f.Array(old.Get(key)), lists[key]); len(all) > 0 {
			dss.Set(key, all)
		}
	}
	dss.Set("VRI", vri)
	if r, ok := root.Get("DSS").(pdf.Ref); ok && old != nil {
		s.u.Set(r, dss)
	} else {
		root = root.Clone()
		root.Set("DSS", s.u.Add(dss))
		s.u.Set(f.CatalogRef(), root)
	}
	update, err := s.u.Bytes()
	if err != nil {
		return nil, fmt.Errorf("security store: %w", err)
	}
	return update, nil
}

// storeKeys are the lists of the store; an entry of VRI names them without s.
func storeKeys() []string { return []string{"Certs", "OCSPs", "CRLs"} }

// VRIKey names the entry of a signature: the SHA-1 of its /Contents in
// upper-case hexadecimal (EN 319 142-1, 5.4.2.3).
func VRIKey(contents []byte) string {
	sum := sha1.Sum(contents) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

type store struct {
	f *pdf.File
	u *pdf.Update
	// refs are the streams by list and by the hash of what they hold.
	refs map[string]map[[sha256.Size]byte]pdf.Ref
}

// know takes up what a list of the store holds already.
func (s *store) know(key string, list pdf.Array) {
	s.refs[key] = map[[sha256.Size]byte]pdf.Ref{}
	for _, v := range list[:min(len(list), maxStored)] {
		r, ok := v.(pdf.Ref)
		if !ok {
			continue
		}
		if stream, ok := s.f.Resolve(r).(*pdf.Stream); ok {
			if data, err := s.f.StreamData(stream); err == nil {
				s.refs[key][sha256.Sum256(data)] = r
			}
		}
	}
}

// entry is the VRI dictionary of one signature. Its streams go into lists, too.
func (s *store) entry(m Material, lists map[string]pdf.Array) *pdf.Dict {
	d := &pdf.Dict{}
	for i, group := range [][][]byte{m.Certificates, m.OCSPs, m.CRLs} {
		key := storeKeys()[i]
		var refs pdf.Array
		for _, data := range group {
			refs = append(refs, s.stream(key, data))
		}
		if len(refs) > 0 {
			d.Set(strings.TrimSuffix(key, "s"), refs)
			lists[key] = append(lists[key], refs...)
		}
	}
	return d
}

// stream gives the stream of a list that holds data, a new one if need be.
func (s *store) stream(key string, data []byte) pdf.Ref {
	sum := sha256.Sum256(data)
	if r, ok := s.refs[key][sum]; ok {
		return r
	}
	r := s.u.Add(deflated(data))
	s.refs[key][sum] = r
	return r
}

// merged is a list of the store with what is new behind it.
func (*store) merged(old, added pdf.Array) pdf.Array {
	out := append(pdf.Array{}, old...)
	for _, v := range added {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// deflated is a stream with FlateDecode.
func deflated(data []byte) *pdf.NewStream {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return &pdf.NewStream{Dict: pdf.NewDict("Filter", pdf.Name("FlateDecode")), Data: b.Bytes()}
}
