package revocation

import (
	"crypto/sha256"
	"crypto/x509"
	"hash/maphash"
	"math/big"
	"slices"
)

// Memory keeps what was found out about lists for further questions: a list of
// 20 MB is hashed once and read twice, whatever the number of signatures in a file. It
// keeps no copy of a list, and eight bytes for each entry. It is not safe for
// concurrent use. The bytes of the lists must not change while it is used.
type Memory struct {
	lists map[*byte]*remembered
	scans int
}

// remembered is a list with what is known about it.
type remembered struct {
	list   *list
	err    error
	size   int
	signed map[[sha256.Size]byte]error // by the certificate of who signed it
	found  map[string]finding          // by the certificate
	index  *index
}

// NewMemory is a memory that knows nothing.
func NewMemory() *Memory { return &Memory{lists: map[*byte]*remembered{}} }

// read is readList for a body that may have been read before.
func (m *Memory) read(body []byte) (*remembered, error) {
	if m == nil || len(body) == 0 {
		l, err := readList(body)
		return &remembered{list: l, err: err}, err
	}
	r := m.lists[&body[0]]
	if r == nil || r.size != len(body) {
		r = &remembered{size: len(body), signed: map[[sha256.Size]byte]error{}, found: map[string]finding{}}
		r.list, r.err = readList(body)
		m.lists[&body[0]] = r
	}
	return r, r.err
}

// checkSignature is that of the list, verified once for each signer.
func (r *remembered) checkSignature(by *x509.Certificate) error {
	if r.signed == nil {
		return r.list.checkSignature(by)
	}
	sum := sha256.Sum256(by.Raw)
	err, known := r.signed[sum]
	if !known {
		err = r.list.checkSignature(by)
		r.signed[sum] = err
	}
	return err
}

// find is that of the list. From the second certificate on an index answers for
// those that the list does not name.
func (m *Memory) find(r *remembered, serial *big.Int, issuer []byte) (*entry, error) {
	if m == nil || r.signed == nil {
		return r.list.find(serial, issuer)
	}
	key := serial.String() + "/" + string(issuer)
	if known, ok := r.found[key]; ok {
		return known.entry, known.err
	}
	if len(r.found) > 0 && r.index == nil {
		m.scans++
		r.index = newIndex(r.list)
	}
	if r.index != nil && (r.index.err != nil || !r.index.has(serial, issuer)) {
		return nil, r.index.err
	}
	m.scans++
	e, err := r.list.find(serial, issuer)
	if len(r.found) < maxFound {
		r.found[key] = finding{e, err}
	}
	return e, err
}

// maxFound is how many certificates of one list are remembered.
const maxFound = 1000

// finding is what a list says of one certificate.
type finding struct {
	entry *entry
	err   error
}

// index tells which certificates a list may name.
type index struct {
	seed  maphash.Seed
	names []uint64 // sorted
	err   error    // the list cannot be used
}

func newIndex(l *list) *index {
	const usual = 32 // bytes of an entry
	x := &index{seed: maphash.MakeSeed(), names: make([]uint64, 0, len(l.entries)/usual)}
	x.err = l.each(func(e entry, issuer []byte) error {
		x.names = append(x.names, x.name(e.number, issuer))
		return nil
	})
	slices.Sort(x.names)
	return x
}

func (x *index) name(number, issuer []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	_, _ = h.Write(number)
	_, _ = h.Write(issuer)
	return h.Sum64()
}

func (x *index) has(serial *big.Int, issuer []byte) bool {
	number, err := numberOf(serial)
	if err != nil {
		return true // find says what is wrong
	}
	_, found := slices.BinarySearch(x.names, x.name(number, issuer))
	return found
}
