package verify

import "time"

// Evidence is everything that a verdict depends on, apart from the policy. It
// can be kept as JSON and judged again: the same evidence and policy give the
// same report.
type Evidence struct {
	// At is the time of judgement for signatures without a proof of their time.
	At time.Time `json:"at"`
	// Size is the length of the file.
	Size int64 `json:"size"`
	// Damage says why a signed file could not be read without guessing; empty when it could.
	Damage string `json:"damage,omitempty"`
	// Signatures are in the order of the form's fields; those that only an
	// earlier revision has come after them.
	Signatures []SignatureEvidence `json:"signatures"`
	// Certificates is the pool for building chains, each in DER.
	Certificates [][]byte `json:"certificates,omitempty"`
	// Embedded are the places in Certificates of those that the file itself holds.
	Embedded []int `json:"embedded,omitempty"`
	// Answers are the revocation answers found and fetched.
	Answers []Answer `json:"answers,omitempty"`
	// Failures are the fetches that brought nothing, for the support desk.
	Failures []string `json:"failures,omitempty"`
}

// SignatureEvidence is what the file says of one signature.
type SignatureEvidence struct {
	Field     string     `json:"field"`
	SubFilter string     `json:"sub_filter"`
	Page      int        `json:"page,omitempty"`
	Rect      [4]float64 `json:"rect,omitempty"` // as in Signature
	// Places are as in Signature.
	Places []MarkPlace `json:"places,omitempty"`
	Reason string      `json:"reason,omitempty"`
	// ClaimedTime is /M, zero when absent or unreadable.
	ClaimedTime time.Time `json:"claimed_time,omitzero"`

	// Malformed lists what is wrong with the dictionary, its /ByteRange and its /Contents.
	Malformed []string `json:"malformed,omitempty"`
	// Contents is the CMS structure as it stands in the file.
	Contents []byte `json:"contents,omitempty"`
	// ByteRange is the signed range: two pairs of offset and length. It is
	// empty when it does not lie in the file.
	ByteRange []int64 `json:"byte_range,omitempty"`
	// Certificates are those of /Cert in DER, which only adbe.x509.rsa_sha1 has.
	Certificates [][]byte `json:"certificates,omitempty"`
	// Digest is over the signed bytes, with the hash function that Contents asks
	// for; nil when it could not be computed.
	Digest []byte `json:"digest,omitempty"`

	// SignedSize is the end of the signed range.
	SignedSize int64    `json:"signed_size"`
	Coverage   Coverage `json:"coverage"`
	// Store reports that the signed revision has a document security store.
	Store bool `json:"store,omitempty"`
	// Permission is /P of the certification that was in force (ISO 32000-2,
	// table 257), 0 when the file is not certified.
	Permission int `json:"permission,omitempty"`
	// Locks are the fields that signatures up to this one fixed.
	Locks []Lock `json:"locks,omitempty"`
	// Text is what the visible mark says, where it says something.
	Text string `json:"text,omitempty"`
	// Differences are between the signed revision and the end of the file.
	Differences []Difference `json:"differences,omitempty"`
}

// Place says in what part of the document a difference lies. It follows from
// the path on which the signed revision reached the object, not from the
// object: the same object on two paths gives two differences.
type Place string

// The places.
const (
	InContent        Place = "content"         // everything that is not named below
	InMetadata       Place = "metadata"        // XMP and the information dictionary
	InSecurityStore  Place = "security-store"  // DSS (ISO 32000-2, 12.8.4.3)
	InExtensions     Place = "extensions"      // version and developer extensions
	InFormFlags      Place = "form-flags"      // SigFlags and the form's resources
	InField          Place = "field"           // the value and the look of a form field
	InSignatureField Place = "signature-field" // a signature field without signature
	InSignature      Place = "signature"       // a signature and its mark
	InTimeStamp      Place = "time-stamp"      // a document time-stamp
	InAnnotation     Place = "annotation"      // any other annotation
	// InUnknown: the comparison was not finished, there may be further differences.
	InUnknown Place = "unknown"
)

// Action says what happened.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
)

// Difference is one difference between two revisions.
type Difference struct {
	Place  Place  `json:"place"`
	Action Action `json:"action"`
	// Path leads from the trailer to it: "Root/Pages/Kids/0/Contents".
	Path   string `json:"path"`
	Object int    `json:"object,omitempty"`
	Page   int    `json:"page,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Field is the full name of a form field, Rect its place or that of an
	// annotation, as in Signature.
	Field string     `json:"field,omitempty"`
	Rect  [4]float64 `json:"rect,omitempty"`
	// Before and After are the values, or the texts that are shown, where there are some.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Covers is the signed text that Rect lies over; CoversPicture tells that a
	// picture of the signed page lies under it.
	Covers        string `json:"covers,omitempty"`
	CoversPicture bool   `json:"covers_picture,omitempty"`
	// CoversDrawing tells that something drawn lies there, such as letters whose
	// outlines are filled: it has no text that could be told.
	CoversDrawing bool `json:"covers_drawing,omitempty"`
	// Shows tells that it paints something in Rect, Swapped that the look of a
	// field changed while its value did not, or shows another value.
	Shows   bool `json:"shows,omitempty"`
	Swapped bool `json:"swapped,omitempty"`
	// Also are further places of the same field that lie over signed content.
	Also []Spot `json:"also,omitempty"`
}

// Spot is a place on a page and the signed text under it.
type Spot struct {
	Page   int        `json:"page"`
	Rect   [4]float64 `json:"rect"` // as in Signature
	Covers string     `json:"covers,omitempty"`
}

// Lock says which fields a signature fixed (ISO 32000-2, 12.8.2.4).
type Lock struct {
	// Action is "All", "Include" or "Exclude" of Fields.
	Action string   `json:"action"`
	Fields []string `json:"fields,omitempty"`
}

// AnswerKind tells the kinds of revocation answers apart.
type AnswerKind string

// The kinds.
const (
	AnswerOCSP AnswerKind = "ocsp"
	AnswerCRL  AnswerKind = "crl"
)

// SourceFile is the Source of an answer that the file itself holds.
const SourceFile = "file"

// SourceSignature is the Source of an answer that a signature of an old format
// holds among its signed attributes. It makes no level of PAdES.
const SourceSignature = "signature"

// Answer is a revocation answer as it came, unjudged.
type Answer struct {
	Kind AnswerKind `json:"kind"`
	// Source is the address, SourceFile or SourceSignature.
	Source string `json:"source"`
	Body   []byte `json:"body"`
	// Nonce is what was sent along, nil when none was.
	Nonce []byte `json:"nonce,omitempty"`
}
